/**
 * A value that is here, or comes. What is here is taken at once: on the way of a request each promise that need not be
 * takes a turn of the queue, and some hundred bytes for whoever waits.
 */
export type Soon<T> = T | Promise<T>

/** `next` with the value: at once where it is here, else when it comes. */
export function andThen<T, R>(value: Soon<T>, next: (value: T) => Soon<R>): Soon<R> {
  return value instanceof Promise ? value.then(next) : next(value)
}

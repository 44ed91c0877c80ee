import type { Store } from '@latchkey/provider'

/** A store that also writes down, as JSON, everything it is asked to keep or to look for. */
export function recordedStore(store: Store): { readonly store: Store; readonly seen: readonly string[] } {
  const seen: string[] = []
  const record = (target: object): object =>
    new Proxy(target, {
      get(inner, name) {
        const value: unknown = Reflect.get(inner, name)
        if (typeof value === 'object' && value !== null) return record(value)
        if (typeof value !== 'function') return value
        return (...given: unknown[]) => {
          seen.push(`${String(name)} ${JSON.stringify(given)}`)
          return Reflect.apply(value, inner, given)
        }
      },
    })
  return { store: record(store) as Store, seen }
}

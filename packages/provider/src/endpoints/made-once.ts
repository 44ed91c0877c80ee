/** The JSON of what `read` returns, made anew only when it returns another object. */
export function madeOnce(read: () => object): () => string {
  let of: object | undefined
  let text = ''
  return () => {
    const value = read()
    if (value !== of) {
      of = value
      text = JSON.stringify(value)
    }
    return text
  }
}

/**
 * Hears server-sent events of this origin; the browser connects again by itself. Where it gives up, because the server
 * refused, the name is `closed`. Returns the way out. @spec HTML §9.2
 */
export function openEventSource(
  url: string,
  names: readonly string[],
  listener: (name: string, data: unknown) => void,
): () => void {
  const source = new EventSource(url, { withCredentials: true })
  for (const name of names) {
    source.addEventListener(name, (event) => listener(name, JSON.parse(event.data)))
  }
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) listener('closed', null)
  })
  return () => source.close()
}

export type FetchInput = string | URL | Request

/** What a second attempt can be made from, or null when the body can be read only once. */
export function replay(input: FetchInput, init: RequestInit | undefined): FetchInput | null {
  if (init?.body instanceof ReadableStream) return null
  if (!(input instanceof Request) || init?.body != null) return input
  return input.bodyUsed ? null : input.clone()
}

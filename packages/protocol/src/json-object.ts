export type JsonObject = Readonly<Record<string, unknown>>

/** The object that a JSON text is; one without members where it is none, so that a check of a member tells. */
export function readObject(json: string): JsonObject {
  try {
    return Object(JSON.parse(json))
  } catch {
    return {}
  }
}

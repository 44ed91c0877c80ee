/** Adds parameters to `form`, in place of those of the same name; what is undefined, null or empty is left out. */
export function fill(
  form: URLSearchParams,
  parameters: Readonly<Record<string, string | readonly string[] | null | undefined>>,
): URLSearchParams {
  for (const [name, given] of Object.entries(parameters)) {
    const values = [given || []].flat()
    if (values.length > 0) form.delete(name)
    for (const value of values) form.append(name, value)
  }
  return form
}

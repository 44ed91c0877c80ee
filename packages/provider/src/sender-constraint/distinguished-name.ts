/** Short names that tools write for the same attribute. @spec RFC 4514 §3; RFC 4519 §2 */
const sameType: Readonly<Record<string, string>> = {
  e: 'emailaddress',
  email: 'emailaddress',
  s: 'st',
  surname: 'sn',
  givenname: 'gn',
  sno: 'serialnumber',
  userid: 'uid',
  '2.5.4.3': 'cn',
  '2.5.4.4': 'sn',
  '2.5.4.5': 'serialnumber',
  '2.5.4.6': 'c',
  '2.5.4.7': 'l',
  '2.5.4.8': 'st',
  '2.5.4.9': 'street',
  '2.5.4.10': 'o',
  '2.5.4.11': 'ou',
  '2.5.4.12': 'title',
  '2.5.4.42': 'gn',
  '2.5.4.97': 'organizationidentifier',
  '0.9.2342.19200300.100.1.1': 'uid',
  '0.9.2342.19200300.100.1.25': 'dc',
  '1.2.840.113549.1.9.1': 'emailaddress',
}

/**
 * Whether a certificate's subject is the one that was registered: the same attributes with the same values in the same
 * order. A registered name is written from the most specific part, a certificate's from the least.
 * @spec RFC 4514 §2; RFC 8705 §2.1.2
 */
export function isSubject(certificateSubject: string, registered: string): boolean {
  const actual = certificateSubject.split('\n').map((rdn) => readRdn(rdn.replaceAll(' + ', '+')))
  const wanted = splitUnescaped(registered, ',')
    .map((rdn) => readRdn(rdn))
    .reverse()
  if (actual.length !== wanted.length) return false
  return actual.every((rdn, index) => rdn !== null && rdn === wanted[index])
}

/** One relative name in one spelling: its attributes sorted, or null when it cannot be read. */
function readRdn(text: string): string | null {
  const attributes = splitUnescaped(text, '+').map((part) => {
    const equals = part.indexOf('=')
    if (equals === -1) return null
    const type = part.slice(0, equals).trim().toLowerCase()
    return JSON.stringify([sameType[type] ?? type, unescaped(trimmed(part.slice(equals + 1)))])
  })
  return attributes.includes(null) ? null : attributes.sort().join('+')
}

function splitUnescaped(text: string, separator: string): readonly string[] {
  const parts: string[] = []
  let part = ''
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? ''
    if (character === separator) {
      parts.push(part)
      part = ''
    } else if (character === '\\') part += character + (text[++index] ?? '')
    else part += character
  }
  return [...parts, part]
}

/** Spaces around a value do not count unless they are escaped. */
function trimmed(value: string): string {
  const start = value.trimStart()
  const end = start.trimEnd()
  return end.endsWith('\\') && !end.endsWith('\\\\') ? `${end} ` : end
}

/** `\,` and `\2C`, the latter by UTF-8 octets. @spec RFC 4514 §2.4 */
function unescaped(value: string): string {
  return value.replace(/(?:\\[0-9A-Fa-f]{2})+|\\(.)/g, (octets, character?: string) =>
    character === undefined ? Buffer.from(octets.replaceAll('\\', ''), 'hex').toString() : character,
  )
}

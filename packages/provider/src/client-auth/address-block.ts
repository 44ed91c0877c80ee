/**
 * What counts as one place that requests come from: an IPv4 address, or the 64 bits of an IPv6 address that a network
 * gives to one customer, who has all the addresses below. Null for what is no address.
 */
export function addressBlock(address: string): string | null {
  const text = address.replace(/%.*$/, '').toLowerCase()
  const mapped = /^(?:::ffff:)?(\d{1,3}(?:\.\d{1,3}){3})$/.exec(text)?.[1]
  if (mapped !== undefined) return mapped.split('.').every((part) => Number(part) <= 255) ? mapped : null
  if (!/^[\da-f:]*:[\da-f:.]*$/.test(text)) return null
  const [head = '', tail, more] = text.split('::')
  if (more !== undefined) return null
  const first = groupsOf(head)
  const last = groupsOf(tail ?? '')
  const missing = tail === undefined ? 0 : 8 - first.length - last.length
  if (missing < 0) return null
  const groups = [...first, ...Array.from({ length: missing }, () => '0'), ...last]
  if (groups.length !== 8 || !groups.every((group) => /^[\da-f]{1,4}$/.test(group))) return null
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

/** The last two groups may be written as an IPv4 address; they lie below the block, so that their value does not matter. */
function groupsOf(part: string): readonly string[] {
  const groups = part === '' ? [] : part.split(':')
  return groups.flatMap((group) => (/^\d+(\.\d+){3}$/.test(group) ? ['0', '0'] : [group]))
}

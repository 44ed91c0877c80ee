/**
 * Who asked us, for which host, by which scheme. An address that cannot be written there is left out.
 * @spec RFC 7239 §4, §5.2, §6
 */
export function forwarded(where: string, address: string | undefined): string {
  const node = address === undefined ? null : nodeOf(address)
  return node === null ? where : `for=${node};${where}`
}

/** An IPv6 address is bracketed and quoted; the zone is of our machine alone. @spec RFC 7239 §6.1; RFC 4291 §2.5.5.2 */
function nodeOf(address: string): string | null {
  const plain = address.replace(/%.*$/, '').replace(/^::ffff:(?=[0-9]+\.)/i, '')
  if (/^[0-9]{1,3}(\.[0-9]{1,3}){3}$/.test(plain)) return plain
  return /^[0-9a-f:.]+$/i.test(plain) && plain.includes(':') ? `"[${plain.toLowerCase()}]"` : null
}

import { createAddressList } from './network.ts'

/** Special-purpose IPv4 blocks. @spec RFC 6890 §2.2.2 */
const reserved4 = createAddressList([
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT, and some clouds' metadata
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // a cloud's wire server
  '169.254.0.0/16', // link-local, and most clouds' metadata
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
])

/** The only IPv6 block that is routed over the internet. @spec RFC 4291 §2.4 */
const global6 = createAddressList(['2000::/3'])

/** Blocks within it that are not, or that carry an IPv4 address to who knows where. @spec RFC 6890 §2.2.3 */
const reserved6 = createAddressList([
  '2001::/23', // protocol assignments, Teredo among them
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4
  '3fff::/20', // documentation
])

/** Whether an IP address, as the resolver writes it, is one that anyone on the internet can reach. */
export function isPublicAddress(address: string): boolean {
  if (address.includes(':')) return global6.has(address) && !reserved6.has(address)
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(address) && !reserved4.has(address)
}

/** 127.0.0.0/8 or ::1. */
export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || /^127(\.\d{1,3}){3}$/.test(address)
}

import { expect, test } from 'vitest'
import { addressBlock } from './address-block.ts'

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:2::1', '2001:db8:1:2::/64'],
  ['2001:db8::', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['64:ff9b::203.0.113.7', '64:ff9b:0:0::/64'],
])('%s belongs to %s', (address, block) => {
  expect(addressBlock(address)).toBe(block)
})

test.each([
  '',
  'unknown',
  '_hidden',
  '300.1.1.1',
  '1.2.3',
  '1::2::3',
  '1:2:3',
  ':::',
  '1:2:3:4:5:6:7:8:9',
  '12345::',
  '1.2.3.4:80',
])('"%s" is no address', (text) => {
  expect(addressBlock(text)).toBeNull()
})

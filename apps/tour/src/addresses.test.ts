import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { chooseAddresses } from './addresses.ts'

test('a busy port moves to the next free one, and no two parts get the same', async () => {
  const busy = createServer().listen(0, '127.0.0.1')
  await once(busy, 'listening')
  const port = String((busy.address() as AddressInfo).port)
  const addresses = await chooseAddresses({
    LATCHKEY_PROVIDER_PORT: port,
    LATCHKEY_API_PORT: port,
    LATCHKEY_ANGULAR_PORT: port,
    LATCHKEY_REACT_PORT: '0',
    LATCHKEY_BFF_PORT: '0',
  })
  busy.close()
  const ports = Object.values(addresses).map((address) => Number(new URL(address).port))
  expect(new Set(ports).size).toBe(5)
  expect(ports).not.toContain(Number(port))
  expect(ports.slice(0, 3).every((each) => each > Number(port))).toBe(true)
})

test('a port that is none is named with its variable', async () => {
  await expect(chooseAddresses({ LATCHKEY_BFF_PORT: '70000' })).rejects.toThrow('LATCHKEY_BFF_PORT must be a port')
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RenewalDrive, renewalDrive } from './renewal-drive.ts'

describe('features 44, 45: four processes, parallel calls for two audiences at expiry, a slow and strict provider', () => {
  let drive: RenewalDrive
  beforeAll(async () => {
    drive = await renewalDrive({
      users: 8,
      processes: 4,
      callsEach: 48,
      latencySeconds: 5,
      leaseSeconds: 0.5,
      graceSeconds: 0,
    })
  }, 30_000)
  afterAll(() => drive.close())

  test('one token request for each audience and expiry, nothing refused, nobody lost, no audience mixed up', async () => {
    const { statuses, tokenRequests, invalidGrants, wrongAudience } = await drive.expire()
    expect({ statuses, tokenRequests, invalidGrants, wrongAudience }).toEqual({
      statuses: { 200: 8 * 48 },
      tokenRequests: 8 * 2,
      invalidGrants: 0,
      wrongAudience: 0,
    })
  }, 30_000)

  test('an outage of the provider costs nobody the session', async () => {
    const [during, after] = await drive.outage(1)
    expect(Object.keys(during.statuses)).toEqual(['503'])
    expect(after).toMatchObject({ statuses: { 200: 8 * 48 }, tokenRequests: 16, invalidGrants: 0 })
  }, 30_000)
})

describe('features 47: a process killed in the middle of a renewal', () => {
  let drive: RenewalDrive
  beforeAll(async () => {
    drive = await renewalDrive({
      users: 1,
      processes: 3,
      callsEach: 10,
      latencySeconds: 1,
      leaseSeconds: 0.5,
      graceSeconds: 30,
    })
  }, 30_000)
  afterAll(() => drive.close())

  test.each(['before-request', 'while-asking', 'after-answer', 'after-commit'] as const)(
    '%s: the others go on with the same session',
    async (step) => {
      expect(await drive.killAt(step)).toMatchObject({ statuses: { 200: 10 }, invalidGrants: 0, wrongAudience: 0 })
    },
    30_000,
  )
})

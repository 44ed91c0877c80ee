import { expect, test } from 'vitest'
import { readRequestSettings } from './request-settings.ts'

function read(members: Readonly<Record<string, unknown>>) {
  const found: string[] = []
  const settings = readRequestSettings({ add: (path, what) => found.push(`${path}: ${what}`) }, members)
  return { settings, found }
}

test('authentication contexts and types of authorization details are read whole', () => {
  const { settings, found } = read({
    account_registration: true,
    acr_values: [{ value: 'gold', amr: ['pwd', 'otp'] }],
    authorization_details_types: [
      {
        type: 'payment',
        description: 'Pay {amount}',
        members: { amount: { kind: 'number' }, note: { required: false } },
      },
    ],
  })
  expect(found).toEqual([])
  expect(settings.accountRegistration).toBe(true)
  expect(settings.acrValues).toEqual([{ value: 'gold', amr: ['pwd', 'otp'] }])
  expect(settings.authorizationDetailsTypes[0]?.members).toEqual({
    amount: { kind: 'number', required: true },
    note: { kind: 'string', required: false },
  })
})

test('every problem is told at its place', () => {
  const { found } = read({
    acr_values: [{ value: 'gold' }],
    authorization_details_types: [
      { type: 'a', members: { x: { kind: 'date' } } },
      { type: 'a', description: 'b' },
    ],
  })
  expect(found.map((problem) => problem.split(':')[0])).toEqual([
    'acr_values[0].amr',
    'authorization_details_types[0].description',
    'authorization_details_types[0].members.x.kind',
    'authorization_details_types[1].type',
  ])
})

import { expect, test } from 'vitest'
import { isFromFrame } from './frame-message.ts'

const frame = { name: 'our frame' }
const expected = { origin: 'https://app.test', source: frame }

test('features 25: a message counts only from the very frame that was opened and from our own origin', () => {
  const message = { origin: 'https://app.test', source: frame as unknown, data: {} }
  expect(isFromFrame(message, expected)).toBe(true)
  expect(isFromFrame({ ...message, origin: 'https://evil.test' }, expected)).toBe(false)
  expect(isFromFrame({ ...message, origin: 'https://app.test.evil.test' }, expected)).toBe(false)
  expect(isFromFrame({ ...message, origin: 'null' }, expected)).toBe(false)
  expect(isFromFrame({ ...message, source: { name: 'another window' } }, expected)).toBe(false)
  expect(isFromFrame({ ...message, source: null }, expected)).toBe(false)
})

test('features 25: before the frame has a window nothing is from it', () => {
  expect(isFromFrame({ origin: 'https://app.test', source: null, data: {} }, { ...expected, source: null })).toBe(false)
})

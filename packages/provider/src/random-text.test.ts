import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { expect, test } from 'vitest'
import { randomText } from './random-text.ts'

test('signs are given out once, also past the end of what was drawn at a time', () => {
  const texts = Array.from({ length: 1000 }, () => randomText(systemRuntime, 43))
  expect(new Set(texts).size).toBe(1000)
  expect(texts.every((text) => /^[A-Za-z0-9_-]{43}$/.test(text))).toBe(true)
})

test('each source has its own', () => {
  const alike = { randomBytes: (length: number) => new Uint8Array(length).fill(255) }
  expect(randomText(alike, 22)).toBe('_'.repeat(22))
  expect(randomText(systemRuntime, 22)).not.toBe('_'.repeat(22))
})

import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { describe, expect, test } from 'vitest'
import { hashedKey, newHandle, seal } from '../crypto.ts'
import { repeatSuccessor } from './refresh-token.ts'

const parts = { successorKey: 'A'.repeat(43) }
const another = { successorKey: 'B'.repeat(43) }
const presented = newHandle(systemRuntime).handle
const kept = '~019a5d5e6f7'

describe('the successor of a refresh token', () => {
  test('features 15, 16: follows from the presented token and the key, the same every time', () => {
    const successor = repeatSuccessor(parts, presented, kept)
    expect(successor).toMatch(/^019a5d5e6f7[\w-]{43}$/)
    expect(repeatSuccessor(parts, presented, kept)).toBe(successor)
  })
  test('cannot be told by whoever lacks the token, the key or the time', () => {
    const made = [
      repeatSuccessor(parts, presented, kept),
      repeatSuccessor(parts, newHandle(systemRuntime).handle, kept),
      repeatSuccessor(another, presented, kept),
      repeatSuccessor(parts, presented, '~019a5d5e6f8'),
    ]
    expect(new Set(made.map((successor) => successor.slice(11))).size).toBe(4)
  })
  test('that a version before this one sealed is opened as it was', () => {
    const purpose = 'latchkey refresh token successor'
    const successor = newHandle(systemRuntime).handle
    const sealed = seal(hashedKey(presented, purpose), successor, { context: purpose, runtime: systemRuntime })
    expect(repeatSuccessor(parts, presented, sealed)).toBe(successor)
    expect(() => repeatSuccessor(parts, newHandle(systemRuntime).handle, sealed)).toThrow('does not open')
  })
})

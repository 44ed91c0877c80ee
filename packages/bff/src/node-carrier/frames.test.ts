import fc from 'fast-check'
import { expect, test } from 'vitest'
import { closeFrame, createFrameCounter } from './frames.ts'

/** A frame with a payload of this length, masked or not. */
function frame({ length, masked }: { length: number; masked: boolean }): Buffer {
  const mask = masked ? 0x80 : 0
  const head =
    length < 126
      ? [0x82, mask | length]
      : length < 65_536
        ? [0x82, mask | 126, length >> 8, length & 0xff]
        : [0x82, mask | 127, 0, 0, 0, 0, length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff]
  return Buffer.concat([Buffer.from(head), Buffer.alloc((masked ? 4 : 0) + length, 0x81)])
}

test('RFC 6455 §5.2: however frames are cut into pieces, the counter is between two of them exactly at their ends', () => {
  const length = fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536, 70_000)
  const frames = fc.array(fc.record({ length, masked: fc.boolean() }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 70_000 }), { maxLength: 12 }), (wanted, cuts) => {
      const parts = wanted.map(frame)
      const bytes = Buffer.concat(parts)
      const ends = new Set([0])
      parts.reduce((end, part) => {
        ends.add(end + part.length)
        return end + part.length
      }, 0)
      const counter = createFrameCounter()
      let at = 0
      for (const cut of [...cuts, bytes.length]) {
        counter.see(bytes.subarray(at, at + cut))
        at = Math.min(bytes.length, at + cut)
        expect(counter.isBetweenFrames()).toBe(ends.has(at))
      }
    }),
    { numRuns: 200 },
  )
})

test('RFC 6455 §5.5.1: a close frame has its code and its reason', () => {
  expect(closeFrame(1008, 'over')).toEqual(Buffer.from([0x88, 6, 0x03, 0xf0, ...Buffer.from('over')]))
})

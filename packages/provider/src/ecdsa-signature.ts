/** SEQUENCE { INTEGER r, INTEGER s } to r ‖ s, `half` bytes each; the sequence is shorter than 128 bytes. */
export function derToP1363(der: Buffer, half: number): Buffer {
  const out = Buffer.allocUnsafe(half * 2).fill(0)
  const rLength = der[3] ?? 0
  const sLength = der[5 + rLength] ?? 0
  const rStart = rLength > half ? 4 + rLength - half : 4
  const sStart = sLength > half ? 6 + rLength + sLength - half : 6 + rLength
  const rEnd = 4 + rLength
  const sEnd = 6 + rLength + sLength
  der.copy(out, half - (rEnd - rStart), rStart, rEnd)
  der.copy(out, half * 2 - (sEnd - sStart), sStart, sEnd)
  return out
}

/** And back. @spec RFC 3279 §2.2.3 */
export function p1363ToDer(signature: Buffer): Buffer {
  const half = signature.length / 2
  const r = derInteger(signature.subarray(0, half))
  const s = derInteger(signature.subarray(half))
  return Buffer.concat([Buffer.from([0x30, r.length + s.length]), r, s])
}

function derInteger(bytes: Buffer): Buffer {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const padded = (bytes[start] ?? 0) > 127 ? [0] : []
  const length = bytes.length - start + padded.length
  return Buffer.from([0x02, length, ...padded, ...bytes.subarray(start)])
}

/** The only door to time, randomness, the network and timers. */
export interface Runtime {
  /** Seconds since the epoch, with fractions. */
  now(): number
  /** `length` bytes from a cryptographic generator. */
  randomBytes(length: number): Uint8Array
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>
  /** Runs `task` once after `seconds`; the returned function cancels it. Never keeps a process alive. */
  schedule(seconds: number, task: () => void): () => void
}

const methods = [
  'digest',
  'sign',
  'verify',
  'encrypt',
  'decrypt',
  'importKey',
  'exportKey',
  'generateKey',
  'deriveBits',
] as const

let pending = 0
let watched = false

/**
 * How many WebCrypto operations are on their way. They run on threads of their own and take what time the machine
 * gives them, so a simulated clock has to wait for them as it waits for requests.
 */
export function pendingCryptoWork(): number {
  if (!watched) watchWebCrypto()
  return pending
}

function watchWebCrypto(): void {
  watched = true
  const subtle = Object.getPrototypeOf(crypto.subtle) as Record<string, (...parameters: unknown[]) => Promise<unknown>>
  for (const method of methods) {
    const original = subtle[method]
    if (original === undefined) continue
    subtle[method] = async function (this: unknown, ...parameters: unknown[]) {
      pending++
      try {
        return await original.apply(this, parameters)
      } finally {
        pending--
      }
    }
  }
}

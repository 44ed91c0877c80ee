import { isLoopbackHost } from '@latchkey/protocol'

/** Whether a token was taken back, as a status list that it names tells. @spec Token Status List §8.3 */
export interface StatusListOptions {
  /** Where lists may stand besides the issuer's own origin. Nothing is fetched from anywhere else. */
  readonly origins?: readonly string[]
  /** Whether a token without a status list is refused; it passes unless said otherwise. */
  readonly required?: boolean
  /** How old a list may be while it cannot be had anew; 600 unless said otherwise. Its own `exp` counts as well. */
  readonly maxAgeSeconds?: number
  /** How many bytes a list may have once it is unpacked; 1 MiB (8 million tokens) unless said otherwise. */
  readonly largestList?: number
  /** How many lists are held; 100 unless said otherwise. */
  readonly heldLists?: number
}

export const statusListDefaults = { maxAgeSeconds: 600, largestList: 1024 * 1024, heldLists: 100 } as const

export function* statusListProblems(options: boolean | StatusListOptions | undefined): Generator<string> {
  if (typeof options !== 'object') return
  for (const name of ['maxAgeSeconds', 'largestList', 'heldLists'] as const) {
    const value = options[name]
    if (value !== undefined && !(Number.isInteger(value) && value >= 1)) {
      yield `statusLists.${name}: give a whole number, 1 or more`
    }
  }
  for (const origin of options.origins ?? []) {
    const url = URL.canParse(origin) ? new URL(origin) : undefined
    const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname))
    if (url?.origin !== origin || !isSafe) {
      yield `statusLists.origins: "${origin}" must be an https origin such as https://status.example.com`
    }
  }
}

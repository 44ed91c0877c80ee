/** Status lists, the pull form of revocation for verifiers that do not follow the feed. @spec Token Status List §4 */
export interface StatusListOptions {
  /** Indices in a list, among which one token's is lost in the crowd; a multiple of 8. 131072 unless said otherwise. */
  readonly size?: number
  /** Seconds for which a verifier may keep a list; 30 unless said otherwise. */
  readonly ttl?: number
  /** Seconds for which a list's token is valid at all, while this server cannot be reached; 600 unless said otherwise. */
  readonly lifetime?: number
}

export const defaultStatusLists: Required<StatusListOptions> = { size: 131_072, ttl: 30, lifetime: 600 }

export const statusListBounds = { size: [1024, 8_388_608], ttl: [1, 86_400], lifetime: [1, 604_800] } as const

export function* statusListProblems(options: StatusListOptions | undefined): Generator<string> {
  if (options === undefined) return
  for (const [name, [least, most]] of Object.entries(statusListBounds)) {
    const value = options[name as keyof StatusListOptions]
    if (value !== undefined && !(Number.isInteger(value) && value >= least && value <= most)) {
      yield `statusLists.${name}: must be a whole number from ${least} to ${most}, not ${value}`
    }
  }
  const { size, ttl, lifetime } = { ...defaultStatusLists, ...options }
  if (size % 8 !== 0) yield `statusLists.size: must be a multiple of 8, not ${size}`
  if (lifetime < ttl) yield `statusLists.lifetime: ${lifetime} is shorter than ttl (${ttl}); make it longer`
}

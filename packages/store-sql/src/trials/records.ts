import type { CodeRecord, Grounds, HandleHash, Issued } from '@latchkey/provider'

export const now = 1_800_000_000

/** A key in the form of the provider's: 11 signs of time, then 43 of a hash. */
export function hashOf(kind: string, number: number): HandleHash {
  return `${number.toString(16).padStart(11, '0')}${kind.padEnd(43, '_')}` as HandleHash
}

export function groundsOf(number: number): Grounds {
  return {
    familyId: `family-${number}`,
    clientId: 'web',
    sub: 'alice',
    scope: ['openid'],
    resources: [],
    sid: `sid-${number}`,
    authTime: now,
    acr: null,
    amr: ['pwd'],
    cnf: null,
  }
}

export function codeOf(number: number): CodeRecord {
  return {
    hash: hashOf('code', number),
    grounds: groundsOf(number),
    redirectUri: 'https://app.example.com/cb',
    redirectUriGiven: true,
    nonce: null,
    codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    createdAt: now,
    expiresAt: now + 60,
  }
}

/** What redeeming code `number`, or rotating its token, brings; `by` tells the callers apart. */
export function issuedOf(number: number, by: string) {
  const grounds = groundsOf(number)
  const { familyId, clientId, sub, sid } = grounds
  const expiresAt = now + 86_400
  return {
    family: { familyId, clientId, sub, sid, createdAt: now, expiresAt },
    accessToken: { hash: hashOf(`access-${by}`, number), grounds, createdAt: now, expiresAt },
    refreshToken: {
      hash: hashOf(`refresh-${by}`, number),
      grounds,
      createdAt: now,
      expiresAt,
      absoluteExpiresAt: expiresAt,
    },
  } satisfies Issued
}

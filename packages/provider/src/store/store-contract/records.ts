import { type ClientMetadata, readClientMetadata } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { newHandle } from '../../crypto.ts'
import type {
  AccessTokenRecord,
  AuditRecord,
  ClientRecord,
  CodeRecord,
  FamilyRecord,
  Grounds,
  HandleHash,
  InteractionRecord,
  Issued,
  KeyRecord,
  RefreshTokenRecord,
  SessionRecord,
  Store,
} from '../store.ts'

/** The instant at which every record below is made. */
export const now = 1_800_000_000
/** The absolute end of every refresh token below. */
export const longEnd = now + 7_776_000

/** A handle and its key, made as the provider makes them. */
export function freshHandle(): { readonly handle: string; readonly hash: HandleHash } {
  return newHandle(systemRuntime)
}

let serial = 0
export function fresh(prefix: string): string {
  serial++
  return `${prefix}-${serial}`
}

export function clientRecord(overrides: Partial<ClientMetadata> = {}): ClientRecord {
  const read = readClientMetadata({
    client_id: fresh('client'),
    client_name: 'Acme Notes',
    redirect_uris: ['https://app.example.com/cb'],
    grant_types: ['authorization_code', 'refresh_token'],
    scope: 'openid profile',
    ...overrides,
  })
  if ('problems' in read) throw new Error(read.problems.join('; '))
  const metadata = read.client
  return { metadata, secretHashes: ['c2VjcmV0'], version: 1, createdAt: now, updatedAt: now }
}

export function grounds(overrides: Partial<Grounds> = {}): Grounds {
  return {
    familyId: fresh('family'),
    clientId: 'web',
    sub: 'alice',
    scope: ['openid', 'profile'],
    resources: ['https://api.example.com'],
    sid: fresh('sid'),
    authTime: now - 10,
    acr: null,
    amr: ['pwd'],
    cnf: { jkt: 'thumbprint' },
    ...overrides,
  }
}

export function codeRecord(of: Grounds, overrides: Partial<CodeRecord> = {}): CodeRecord {
  return {
    hash: freshHandle().hash,
    grounds: of,
    redirectUri: 'https://app.example.com/cb',
    redirectUriGiven: true,
    nonce: 'n-0S6_WzA2Mj',
    codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    createdAt: now,
    expiresAt: now + 60,
    ...overrides,
  }
}

export function familyRecord({ familyId, clientId, sub, sid }: Grounds): FamilyRecord {
  return { familyId, clientId, sub, sid, createdAt: now, expiresAt: longEnd }
}

export function accessTokenRecord(of: Grounds, expiresAt: number = now + 3600): AccessTokenRecord {
  return { hash: freshHandle().hash, grounds: of, createdAt: now, expiresAt }
}

export function refreshTokenRecord(of: Grounds, expiresAt: number = now + 1_209_600): RefreshTokenRecord {
  return { hash: freshHandle().hash, grounds: of, createdAt: now, expiresAt, absoluteExpiresAt: longEnd }
}

/** A whole token response's worth of records. */
export function issuedFor(of: Grounds) {
  const family = familyRecord(of)
  return { family, accessToken: accessTokenRecord(of), refreshToken: refreshTokenRecord(of) } satisfies Issued
}

/** One person's authorization, its code redeemed. */
export async function signIn(store: Store, of: Grounds = grounds()) {
  const code = codeRecord(of)
  const issued = issuedFor(of)
  await store.codes.create(code)
  await store.codes.redeem(code.hash, issued, now)
  return { ...issued, code, grounds: of }
}

export function interactionRecord(overrides: Partial<InteractionRecord> = {}): InteractionRecord {
  return {
    hash: freshHandle().hash,
    request: 'client_id=web&scope=openid',
    returnTo: null,
    sessionHash: null,
    createdAt: now,
    expiresAt: now + 3600,
    ...overrides,
  }
}

export function sessionRecord(overrides: Partial<SessionRecord> = {}): SessionRecord {
  return {
    hash: freshHandle().hash,
    sid: fresh('sid'),
    sub: 'alice',
    authTime: now,
    amr: ['pwd'],
    acr: null,
    expiresAt: now + 1_209_600,
    ...overrides,
  }
}

export function keyRecord(alg: string): KeyRecord {
  const kid = fresh('kid')
  return {
    kid,
    alg,
    publicJwk: { kty: 'EC', kid, alg },
    sealedPrivateJwk: 'sealed',
    createdAt: now,
    signsAt: now,
    retiresAt: null,
    dropsAt: null,
    version: 1,
  }
}

/** How often each answer was given. */
export function tally(answers: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1
  return counts
}

/** An entry of the audit trail. */
export function auditRecord(overrides: Partial<AuditRecord> = {}): AuditRecord {
  return {
    id: fresh(`${(now * 1000).toString(16).padStart(11, '0')}-${Math.floor(now)}`),
    type: 'session.started',
    at: now + 0.25,
    requestId: fresh('request'),
    clientId: null,
    sub: 'alice',
    actor: null,
    familyId: null,
    grantType: null,
    error: null,
    detail: null,
    expiresAt: now + 3600,
    ...overrides,
  }
}

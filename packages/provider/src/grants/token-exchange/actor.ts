import { type ActorClaim, OAuthError } from '@latchkey/protocol'
import type { ReadToken } from './read-token.ts'

/**
 * The `act` of the new token: the actor on the outside, whoever acted before within.
 * @spec RFC 8693 §4.1
 */
export function actorClaim(subject: ReadToken, actor: ReadToken | null): ActorClaim | undefined {
  const before = subject.origin.act
  if (actor === null) return before
  const { sub, clientId, issuer } = actor.token
  return {
    sub,
    ...(actor.isOurs ? {} : { iss: issuer }),
    ...(clientId === null || clientId === sub ? {} : { client_id: clientId }),
    ...(before === undefined ? {} : { act: before }),
  }
}

/**
 * Holds who acts (or, without an actor, who would be taken for the subject) against the subject's `may_act`.
 * @throws OAuthError `invalid_request`
 * @spec RFC 8693 §4.4
 */
export function checkMayAct(
  subject: ReadToken,
  actor: ReadToken | null,
  asking: { clientId: string; issuer: string },
): void {
  const { mayAct } = subject.origin
  if (mayAct === undefined) return
  const who: Readonly<Record<string, unknown>> =
    actor === null
      ? { sub: asking.clientId, client_id: asking.clientId, iss: asking.issuer }
      : { sub: actor.token.sub, client_id: actor.token.clientId, iss: actor.token.issuer }
  if (isNamed(mayAct, who)) return
  throw new OAuthError('invalid_request', 'may_act of the subject_token does not name who would act')
}

/** Every member must fit, and one of those that identify somebody must be there. */
function isNamed(mayAct: unknown, who: Readonly<Record<string, unknown>>): boolean {
  if (typeof mayAct !== 'object' || mayAct === null) return false
  const wanted = Object.entries(mayAct)
  return (
    wanted.some(([name]) => name === 'sub' || name === 'client_id') &&
    wanted.every(([name, value]) => who[name] === value)
  )
}

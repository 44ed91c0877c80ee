import { beginInteraction } from './authorization/begin-interaction.ts'
import { currentSession, formTokenOf } from './authorization/session.ts'
import type { ProviderSite, SiteSession } from './config.ts'
import { constantTimeEqual } from './crypto.ts'
import { page } from './pages/page.ts'
import type { Parts } from './parts.ts'
import { createPeopleControl } from './people/people-control.ts'
import { deleteSubject, endSubject } from './subjects/end-subject.ts'

/** What pages beside the provider's own, such as the admin site, share with it. */
export function createSite(parts: Parts): ProviderSite {
  return {
    issuer: parts.issuer,
    basePath: parts.basePath,
    clients: parts.everyClient,
    metadata: parts.metadata,
    profile: parts.profile,
    requireResource: parts.requireResource,
    resources: [...parts.resources.values()],
    async currentSession(request) {
      const session = await currentSession(parts, request)
      if (session === null) return null
      const { sub, username, admin } = session.account
      return { sub, username, admin, sid: session.record.sid, formToken: formTokenOf(parts, session.record) }
    },
    async signIn(request, { returnTo, clientName }) {
      if (!isLocalPath(returnTo)) throw new TypeError(`returnTo must be a path of this site, not "${returnTo}"`)
      return beginInteraction(parts, request, { request: null, returnTo, label: { pageName: clientName } })
    },
    page: (options) => page({ ...options, basePath: parts.basePath }),
    async findPerson(subOrUsername) {
      const { accounts } = parts
      const account = (await accounts.find(subOrUsername)) ?? (await accounts.findByUsername?.(subOrUsername)) ?? null
      return account === null ? null : { sub: account.sub, username: account.username }
    },
    people: createPeopleControl(parts),
    accountPage: parts.accountPage,
    endPerson: (sub, actor) => endSubject(parts, sub, { actor }),
    deletePerson:
      parts.accounts.remove === undefined ? undefined : (sub, actor) => deleteSubject(parts, sub, { actor }),
    audit: {
      list: (query) => parts.store.audit.list(query),
      level: parts.audit.level,
      retention: parts.audit.retention,
    },
    now: () => parts.runtime.now(),
    randomBytes: (length) => parts.runtime.randomBytes(length),
  }
}

/** Whether a form of this session's own pages was sent, and by this session. Compares in constant time. */
export function checkFormToken(session: SiteSession, token: string | undefined): boolean {
  return token !== undefined && constantTimeEqual(token, session.formToken)
}

/** Browsers read `//host` and `/\host` as another site. */
function isLocalPath(path: string): boolean {
  return /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(path)
}

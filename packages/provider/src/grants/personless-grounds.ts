import type { Runtime } from '@latchkey/protocol'
import type { Resource } from '../config.ts'
import { newId } from '../crypto.ts'
import type { Grounds } from '../store/store.ts'

/** Grounds of a grant for which nobody signed in here: a family of its own, and nothing said of a sign-in. */
export function personlessGrounds(
  runtime: Runtime,
  about: Pick<Grounds, 'clientId' | 'sub' | 'scope'> & { readonly resource: Resource | null },
): Grounds {
  const { clientId, sub, scope, resource } = about
  return {
    familyId: newId(runtime),
    clientId,
    sub,
    scope,
    resources: resource === null ? [] : [resource.identifier],
    sid: null,
    authTime: null,
    acr: null,
    amr: [],
    cnf: null,
  }
}

import { OAuthError } from '@latchkey/protocol'
import type { ClientRegistry, RegisteredClient } from '../config.ts'
import { andThen } from '../soon.ts'
import type { Profile } from './profile.ts'

/**
 * The clients as the profile treats them. One that cannot be served under it gets an error that says why, wherever it
 * asks; managing clients is not touched.
 */
export function heldToProfile<Registry extends ClientRegistry>(registry: Registry, profile: Profile): Registry {
  /** What a client is never changes: another version of it is another object. */
  const judged = new WeakMap<RegisteredClient, RegisteredClient>()
  function held(client: RegisteredClient | null): RegisteredClient | null {
    if (client === null) return null
    let treated = judged.get(client)
    if (treated === undefined) {
      treated = underProfile(profile, client)
      judged.set(client, treated)
    }
    return treated
  }
  return { ...registry, find: (clientId: string) => andThen(registry.find(clientId), held) }
}

/** @throws OAuthError `unauthorized_client` */
function underProfile(profile: Profile, client: RegisteredClient): RegisteredClient {
  const metadata = profile.client(client.metadata)
  const [short] = profile.refusals(metadata)
  if (short === undefined) return metadata === client.metadata ? client : { ...client, metadata }
  const { spec, problem, fix } = short
  const why = `client "${client.metadata.client_id}" does not fit the profile ${profile.name}: ${problem}; ${fix} (${spec})`
  throw new OAuthError('unauthorized_client', why)
}

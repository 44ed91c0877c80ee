import { OAuthError } from '@latchkey/protocol'
import type { ClientRegistry, RegisteredClient } from '../config.ts'
import type { Profile } from './profile.ts'

/**
 * The clients as the profile treats them. One that cannot be served under it gets an error that says why, wherever it
 * asks; managing clients is not touched.
 */
export function heldToProfile<Registry extends ClientRegistry>(registry: Registry, profile: Profile): Registry {
  return {
    ...registry,
    async find(clientId: string): Promise<RegisteredClient | null> {
      const client = await registry.find(clientId)
      if (client === null) return null
      const metadata = profile.client(client.metadata)
      const [short] = profile.refusals(metadata)
      if (short === undefined) return metadata === client.metadata ? client : { ...client, metadata }
      const { spec, problem, fix } = short
      const why = `client "${clientId}" does not fit the profile ${profile.name}: ${problem}; ${fix} (${spec})`
      throw new OAuthError('unauthorized_client', why)
    },
  }
}

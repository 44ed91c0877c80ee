import { isLoopbackHost } from '@latchkey/protocol'
import type { Profile, Shortfall } from './profile.ts'

/**
 * For servers of the Model Context Protocol: requests name the resource they are for, clients come as metadata documents
 * or register themselves, answers go over https or to loopback alone, and refresh tokens of public clients rotate.
 * @spec MCP Authorization; RFC 8707 §2; RFC 9700 §4.14.2
 */
export const mcp: Profile = {
  name: 'mcp',
  options: (given) => ({
    ...given,
    requireResource: true,
    clientIdMetadataDocuments: given.clientIdMetadataDocuments ?? true,
    registration: given.registration ?? { mode: 'open' },
  }),
  client: (metadata) =>
    metadata.token_endpoint_auth_method === 'none' ? { ...metadata, refresh_token_policy: 'rotate' } : metadata,
  refusals: ({ redirect_uris: uris }) =>
    uris.flatMap((uri): Shortfall[] => {
      const { protocol, hostname } = new URL(uri)
      if (protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname))) return []
      return [
        {
          spec: 'MCP Authorization, Communication Security',
          problem: `its redirect URI ${uri} is neither https nor loopback`,
          fix: 'register an https address, or http on loopback',
        },
      ]
    }),
}

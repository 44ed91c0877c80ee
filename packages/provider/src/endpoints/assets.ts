import { OAuthError } from '@latchkey/protocol'
import type { Endpoint } from '../http/endpoint.ts'
import { assetFolder, assets } from '../pages/assets.ts'

/** Stylesheet, script and icon of the pages. Each name changes with its content, so browsers keep them for ever. */
export function assetsEndpoint(): Endpoint {
  const byPath = new Map(assets.map((asset) => [asset.path, asset]))
  return {
    path: assetFolder,
    prefix: true,
    methods: ['GET'],
    cors: 'none',
    audience: 'machine',
    handle: async ({ path, headers }) => {
      const asset = byPath.get(path)
      if (asset === undefined) throw new OAuthError('not_found', 'there is no such file')
      return new Response(asset.content, {
        headers: { ...headers, 'content-type': asset.type, 'cache-control': 'public, max-age=31536000, immutable' },
      })
    },
  }
}

import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { SiteOptions } from '../options.ts'
import { readPath } from '../proxy/path.ts'
import { type CheckedRoute, headerRules } from '../proxy/routes.ts'
import type { SiteFolder } from './site-files.ts'

/** The single-page app itself, at `segments` and below: from a folder, or from the server that builds it as one types. */
export type Site = { readonly segments: readonly string[] } & (
  | { readonly kind: 'folder'; readonly folder: SiteFolder }
  | { readonly kind: 'server'; readonly route: CheckedRoute }
)

/** A development server compiles before it answers. */
const answerSeconds = 120

export function readSite(
  site: SiteOptions | undefined,
  around: { readonly baseUrl: string; readonly csrfHeader: string; readonly problems: string[] },
): Site | undefined {
  if (site === undefined) return undefined
  const { problems } = around
  const { path = '/', folder, devServer, headers = {} } = site
  const read = readPath(path)
  if (read.kind !== 'plain' || (path !== '/' && path.endsWith('/'))) {
    problems.push(`site.path: "${path}" must be "/" or a plain path such as "/shop"`)
    return undefined
  }
  const { segments } = read
  if ((folder === undefined) === (devServer === undefined)) {
    problems.push('site: give either folder, the built app, or devServer, the address of its development server')
    return undefined
  }
  if (folder !== undefined) {
    if (!existsSync(folder) || !statSync(folder).isDirectory() || !existsSync(join(folder, 'index.html'))) {
      problems.push(`site.folder: "${folder}" is no folder with an index.html; build the app first`)
    }
    return { kind: 'folder', segments, folder: { folder, headers } }
  }
  return devServer === undefined ? undefined : { kind: 'server', segments, ...serverRoute(devServer, around) }
}

function serverRoute(
  target: string,
  around: { readonly baseUrl: string; readonly csrfHeader: string; readonly problems: string[] },
): { readonly route: CheckedRoute } {
  const url = URL.canParse(target) ? new URL(target) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '') {
    around.problems.push(`site.devServer: "${target}" is no address such as http://127.0.0.1:4200`)
  }
  const route: CheckedRoute = {
    ...{
      match: '/',
      segments: [],
      origin: url?.origin ?? '',
      path: '',
      isPage: true,
      answerSeconds,
      acr: undefined,
    },
    ...{ token: 'none', tokenTarget: {}, methods: ['GET', 'HEAD', 'POST', 'OPTIONS'] },
    ...headerRules({ match: '/', target, token: 'none' }, around),
  }
  return { route }
}

import { Form, OAuthError } from '@latchkey/protocol'
import type { ProviderSite } from '@latchkey/provider'
import type { AdminRequest } from './admin-request.ts'
import { adminStylesheet } from './pages/admin.css.ts'
import { seeOther } from './pages/admin-page.ts'
import { forbiddenPage } from './pages/forbidden-page.ts'
import { createClient, newClientForm } from './routes/create-client.ts'
import { confirmDeletion, deleteClient } from './routes/delete-client.ts'
import { editClient, editClientForm } from './routes/edit-client.ts'
import { confirmPersonDeletion, confirmPersonEnd, deletePerson, endPerson } from './routes/end-person.ts'
import { findPerson } from './routes/find-person.ts'
import { listAudit } from './routes/list-audit.ts'
import { listClients } from './routes/list-clients.ts'
import { confirmWithdrawal, signPersonOut, withdrawForPerson } from './routes/person-access.ts'
import { confirmNewSecret, renewSecret } from './routes/renew-secret.ts'
import { showClient } from './routes/show-client.ts'
import { showConformance } from './routes/show-conformance.ts'

type Route = (asked: AdminRequest) => Promise<Response>

/** One line a page. */
const routes: Readonly<Record<string, Route>> = {
  'GET ': async ({ home }) => seeOther(`${home}/clients`),
  'GET /clients': listClients,
  'GET /clients/new': newClientForm,
  'POST /clients/new': createClient,
  'GET /clients/show': showClient,
  'GET /clients/edit': editClientForm,
  'POST /clients/edit': editClient,
  'GET /clients/delete': confirmDeletion,
  'POST /clients/delete': deleteClient,
  'GET /clients/new-secret': confirmNewSecret,
  'POST /clients/new-secret': renewSecret,
  'GET /people': findPerson,
  'GET /people/end': confirmPersonEnd,
  'POST /people/end': endPerson,
  'GET /people/delete': confirmPersonDeletion,
  'POST /people/delete': deletePerson,
  'GET /people/withdraw': confirmWithdrawal,
  'POST /people/withdraw': withdrawForPerson,
  'POST /people/sign-out': signPersonOut,
  'GET /audit': listAudit,
  'GET /conformance': showConformance,
}

/** The admin site, below `/admin`, for accounts whose `admin` is true; null for any other address. */
export function createAdminPages(): (request: Request, site: ProviderSite) => Promise<Response> | null {
  return (request, site) => {
    const home = `${site.basePath}/admin`
    const { path, query } = splitUrl(request.url)
    if (path !== home && !path.startsWith(`${home}/`)) return null
    return answer(request, { site, home, path: path.slice(home.length).replace(/\/$/, ''), query })
  }
}

interface Place {
  readonly site: ProviderSite
  readonly home: string
  readonly path: string
  readonly query: string
}

async function answer(request: Request, { site, home, path, query }: Place): Promise<Response> {
  if (path === `/${adminStylesheet.name}`) return stylesheet()
  const session = await site.currentSession(request)
  if (session === null) {
    return site.signIn(request, { returnTo: returnTo({ home, path, query }), clientName: 'Latchkey Admin' })
  }
  if (!session.admin) return forbiddenPage(site, session)
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const route = routes[`${method} ${path}`]
  if (route !== undefined) return route({ request, site, session, home, query: Form.parse(query) })
  if (routes[`GET ${path}`] === undefined) throw new OAuthError('not_found', 'the admin site has no such page')
  throw new OAuthError('method_not_allowed', `this page does not answer ${method.slice(0, 20)}`)
}

/** Back to where the person was going; an address with odd characters leads home. */
function returnTo({ home, path, query }: Omit<Place, 'site'>): string {
  const address = `${home}${path}${query === '' ? '' : `?${query}`}`
  return /^[\x21-\x5b\x5d-\x7e]*$/.test(address) ? address : home
}

function splitUrl(url: string): { path: string; query: string } {
  const start = url.indexOf('/', url.indexOf('//') + 2)
  const target = start === -1 ? '/' : (url.slice(start).split('#', 1)[0] ?? '/')
  const mark = target.indexOf('?')
  return mark === -1 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) }
}

function stylesheet(): Response {
  const headers = {
    'content-type': 'text/css; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  }
  return new Response(adminStylesheet.content, { headers })
}

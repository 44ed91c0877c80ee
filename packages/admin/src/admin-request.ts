import type { Form } from '@latchkey/protocol'
import type { ProviderSite, SiteSession } from '@latchkey/provider'

/** A request of a signed-in administrator. */
export interface AdminRequest {
  readonly request: Request
  readonly site: ProviderSite
  readonly session: SiteSession
  /** The parameters of the address. */
  readonly query: Form
  /** Where the admin site stands, such as "/admin". */
  readonly home: string
}

/** Who changes something, for the audit trail. */
export function byAdmin({ session }: AdminRequest): { readonly actor: string; readonly requestId: string } {
  return { actor: session.sub, requestId: 'admin' }
}

/** The address of one client's page; a client_id may hold any character, so it stands in the query. */
export function clientHref(home: string, page: 'show' | 'edit' | 'delete' | 'new-secret', clientId: string): string {
  return `${home}/clients/${page}?client_id=${encodeURIComponent(clientId)}`
}

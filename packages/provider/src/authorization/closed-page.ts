import type { EndpointRequest } from '../http/endpoint.ts'
import { errorPage } from '../pages/error-page.ts'
import type { Parts } from '../parts.ts'
import type { Closed } from './interaction.ts'

const texts = {
  foreign: {
    status: 403,
    title: 'This page belongs to another browser',
    message:
      'Signing in has to be finished in the browser and window in which it began, with cookies switched on. If someone sent you this link, do not use it: open the application yourself and sign in there.',
  },
  finished: {
    status: 410,
    title: 'You have been here already',
    message:
      'This sign-in is finished, and its answer was sent. Go back to the application to continue or to start again.',
  },
  expired: {
    status: 410,
    title: 'This sign-in took too long',
    message: 'For your safety this page stops working after a while. Nothing was sent. Start again at the application.',
  },
} as const

/** What to do when an interaction cannot go on: back button, second click, old tab, foreign link. */
export async function closedPage(parts: Parts, http: EndpointRequest, closed: Closed): Promise<Response> {
  return errorPage({
    ...texts[closed.because],
    next: await startAgain(parts, closed),
    requestId: http.requestId,
    basePath: parts.basePath,
  })
}

async function startAgain(parts: Parts, { label }: Closed): Promise<{ href: string; label: string } | undefined> {
  if (label === null) return undefined
  if ('pageName' in label) return { href: `${parts.basePath}/`, label: 'Start again' }
  const client = await parts.clients.find(label.clientId)
  if (client === null) return undefined
  const { client_name, client_id, client_uri, redirect_uris } = client.metadata
  const href = client_uri ?? originOf(redirect_uris[0])
  return href === undefined ? undefined : { href, label: `Go to ${client_name ?? client_id}` }
}

/** The application's own start, as far as its redirect URI tells. */
function originOf(redirectUri: string | undefined): string | undefined {
  return redirectUri !== undefined && /^https?:/.test(redirectUri) ? `${new URL(redirectUri).origin}/` : undefined
}

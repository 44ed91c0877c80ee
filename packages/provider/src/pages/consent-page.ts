import { type ClientMetadata, isLoopbackHost } from '@latchkey/protocol'
import type { Lifetimes, Resource } from '../config.ts'
import { isDocumentAddress } from '../registration/metadata-documents.ts'
import { type AskingApplication, logoOf } from './asking-application.ts'
import { durationWords } from './duration-words.ts'
import { type Html, html } from './html.ts'
import { type Display, page } from './page.ts'
import { permissionList } from './permission-list.ts'
import { groupScope } from './scope-words.ts'
import { takeBackAt } from './take-back.ts'
import { type Locale, type Texts, textsOf } from './texts/index.ts'

export interface ConsentPageOptions {
  readonly clientName: string
  readonly client: Pick<
    ClientMetadata,
    'client_id' | 'logo_uri' | 'policy_uri' | 'tos_uri' | 'grant_types' | 'refresh_token_requires_offline_access'
  >
  readonly redirectUri: string
  readonly scope: readonly string[]
  readonly resources: readonly Resource[]
  readonly lifetimes: Lifetimes
  /** The provider's own host, which people know from the address bar. */
  readonly providerHost: string
  readonly username: string
  /** Where the decision is posted to. */
  readonly action: string
  /** Where someone else signs in. */
  readonly switchHref: string
  readonly formToken: string
  readonly basePath: string
  readonly formTargets: readonly string[]
  /** What is asked for beyond scopes, in people's words. @spec RFC 9396 §2 */
  readonly details?: readonly string[]
  readonly display?: Display
  /** Where people take it back, or undefined where there is no such page. */
  readonly accountHref?: string | undefined
  /** English unless said otherwise. */
  readonly locale?: Locale
}

type Words = Texts['consent']

/** Who asks, for what, for how long, and how to take it back. */
export function consentPage(options: ConsentPageOptions): Response {
  const { clientName, client, username, action, formToken, display = 'page', locale = 'en', details = [] } = options
  const words = textsOf(locale).consent
  const application = { name: clientName, client }
  const groups = [
    ...groupScope(options.scope, options.resources, { ownName: words.accountAt(options.providerHost), locale }),
    ...(details.length === 0 ? [] : [{ name: words.details, asks: details.map((says) => ({ says, scope: null })) }]),
  ]
  return page({
    title: words.title(clientName),
    basePath: options.basePath,
    formTargets: options.formTargets,
    locale,
    display,
    application,
    body: html`<form class="stack loose" method="post" action="${action}">
<input type="hidden" name="form_token" value="${formToken}">
${party(options, words, application)}
${groups.length === 0 ? html`<p>${words.nothing}</p>` : permissionList(groups)}
<div class="stack tight small muted">${howLong(options, words)}</div>
<div class="pair">
<button class="secondary" name="decision" value="deny">${words.deny}</button>
<button class="primary" name="decision" value="allow">${words.allow}</button>
</div>
<p class="who muted"><span>${words.signedInAs} <strong>${username}</strong></span><a href="${options.switchHref}">${words.notYou}</a></p>
</form>`,
  })
}

function party({ clientName, client, redirectUri }: ConsentPageOptions, words: Words, app: AskingApplication): Html {
  const initial = [...clientName.trim()][0]?.toUpperCase() ?? '?'
  return html`<div class="party">
${logoOf(app) ?? html`<span class="initial" aria-hidden="true">${initial}</span>`}
<div><h1>${words.heading(clientName)}</h1>${documentHost(client.client_id, redirectUri)}<p class="host">${whereTo(redirectUri, words)}</p></div>
</div>`
}

/** Who vouches for an application that describes itself, where the redirect does not show it. @spec Client ID Metadata Document §6 */
function documentHost(clientId: string, redirectUri: string): Html | null {
  if (!isDocumentAddress(clientId)) return null
  const { host } = new URL(clientId)
  return host === new URL(redirectUri).host ? null : html`<p class="host">${host}</p>`
}

/** Where the answer goes, for people: the host, or the app on this device. */
function whereTo(redirectUri: string, words: Words): string {
  const url = new URL(redirectUri)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return words.appOnDevice(url.protocol.slice(0, -1))
  return isLoopbackHost(url.hostname) ? words.thisComputer(url.host) : url.host
}

/** How long it lasts and how to take it back, from the lifetimes that are in force. */
function howLong(options: ConsentPageOptions, words: Words): Html {
  const { clientName, client, scope, lifetimes, providerHost, locale } = options
  const offline = scope.includes('offline_access')
  const renews =
    client.grant_types.includes('refresh_token') && (offline || !client.refresh_token_requires_offline_access)
  const { access_token, refresh_token_absolute, refresh_token_idle } = lifetimes
  const takenBack = takeBackAt(options.accountHref, providerHost, locale ?? 'en')
  if (!renews) return html`<p>${words.lastsOnce(durationWords(access_token, locale), clientName)}</p>${takenBack}`
  return html`<p>${words.lasts(durationWords(refresh_token_absolute, locale), durationWords(refresh_token_idle, locale))}</p>
${takenBack ?? html`<p>${words.takeBack(clientName, offline ? null : providerHost)}</p>`}`
}

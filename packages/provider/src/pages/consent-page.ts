import type { ClientMetadata } from '@latchkey/protocol'
import { isLoopbackHost } from '@latchkey/protocol'
import type { Lifetimes, Resource } from '../config.ts'
import { durationWords } from './duration-words.ts'
import { type Html, html, raw } from './html.ts'
import { page } from './page.ts'
import { groupScope, type ScopeGroup } from './scope-words.ts'

export interface ConsentPageOptions {
  readonly clientName: string
  readonly client: Pick<ClientMetadata, 'logo_uri' | 'grant_types' | 'refresh_token_requires_offline_access'>
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
}

/** Who asks, for what, for how long, and how to take it back. */
export function consentPage(options: ConsentPageOptions): Response {
  const { clientName, username, action, formToken } = options
  const logo = URL.canParse(options.client.logo_uri ?? '') ? options.client.logo_uri : undefined
  const groups = groupScope(options.scope, options.resources, `Your account at ${options.providerHost}`)
  return page({
    title: `Allow ${clientName}?`,
    basePath: options.basePath,
    formTargets: options.formTargets,
    pictureSources: logo === undefined ? [] : [new URL(logo).origin],
    body: html`<form class="stack loose" method="post" action="${action}">
<input type="hidden" name="form_token" value="${formToken}">
${party(options, logo)}
${groups.length === 0 ? html`<p>It asks for nothing beyond your permission to go on.</p>` : permissions(groups)}
<div class="stack tight small muted">${howLong(options)}</div>
<div class="pair">
<button class="secondary" name="decision" value="deny">Deny</button>
<button class="primary" name="decision" value="allow">Allow</button>
</div>
<p class="who muted"><span>Signed in as <strong>${username}</strong></span><a href="${options.switchHref}">Not you?</a></p>
</form>`,
  })
}

function party({ clientName, redirectUri }: ConsentPageOptions, logo: string | undefined): Html {
  const initial = [...clientName.trim()][0]?.toUpperCase() ?? '?'
  return html`<div class="party">
${logo === undefined ? html`<span class="initial" aria-hidden="true">${initial}</span>` : html`<img src="${logo}" alt="" width="48" height="48">`}
<div><h1>${clientName} asks for access</h1><p class="host">${whereTo(redirectUri)}</p></div>
</div>`
}

/** Where the answer goes, for people: the host, or the app on this device. */
function whereTo(redirectUri: string): string {
  const url = new URL(redirectUri)
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return `An app on this device (${url.protocol.slice(0, -1)})`
  return isLoopbackHost(url.hostname) ? `${url.host} (this computer)` : url.host
}

const tick = raw(
  '<svg viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false"><path d="m5 10.5 3.5 3.5L15 7"/></svg>',
)

function permissions(groups: readonly ScopeGroup[]): Html {
  return html`<div class="permissions">${groups.map(
    ({ name, asks }) =>
      html`<section><h2>${name}</h2><ul>${asks.map(
        ({ says, scope }) =>
          html`<li>${tick}<span>${says}</span>${scope === null ? null : html`<code>${scope}</code>`}</li>`,
      )}</ul></section>`,
  )}</div>`
}

/** How long it lasts and how to take it back, from the lifetimes that are in force. */
function howLong({ clientName, client, scope, lifetimes, providerHost }: ConsentPageOptions): Html {
  const offline = scope.includes('offline_access')
  const renews =
    client.grant_types.includes('refresh_token') && (offline || !client.refresh_token_requires_offline_access)
  const { access_token, refresh_token_absolute, refresh_token_idle } = lifetimes
  if (!renews) return html`<p>Lasts ${durationWords(access_token)}, then ${clientName} has to ask again.</p>`
  return html`<p>Lasts up to ${durationWords(refresh_token_absolute)}, and ends after ${durationWords(refresh_token_idle)} without use.</p>
<p>To take it back sooner, sign out of ${clientName}${offline ? null : html` or of ${providerHost}`}.</p>`
}

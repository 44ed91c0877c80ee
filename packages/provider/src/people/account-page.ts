import { type AskingApplication, logoOf, logoSources } from '../pages/asking-application.ts'
import { type Html, html } from '../pages/html.ts'
import { agoOf, dayOf } from '../pages/instant-words.ts'
import { page } from '../pages/page.ts'
import { permissionList } from '../pages/permission-list.ts'
import { type Locale, type Texts, textsOf } from '../pages/texts/index.ts'
import type { HeldAccess, PersonSession } from './people-control.ts'

export interface AccountPageOptions {
  readonly username: string
  readonly access: readonly HeldAccess[]
  readonly sessions: readonly (PersonSession & { readonly id: string; readonly isHere: boolean })[]
  /** What was done just before. */
  readonly notice: string | null
  /** The path of the page, below which its forms post. */
  readonly path: string
  readonly formToken: string
  readonly providerHost: string
  readonly now: number
  readonly basePath: string
  readonly locale: Locale
}

type Words = Texts['account']

/** What a person has allowed, and where they are signed in, with what takes each back. */
export function accountPage(options: AccountPageOptions): Response {
  const { username, access, notice, path, basePath, locale } = options
  const { account: words, consent } = textsOf(locale)
  return page({
    title: words.title,
    basePath,
    locale,
    wide: true,
    column: true,
    pictures: access.flatMap((held) => logoSources(applicationOf(held))),
    body: html`<div class="stack loose">
<div class="stack tight"><h1>${words.title}</h1>
<p class="who muted"><span>${consent.signedInAs} <strong>${username}</strong></span><span class="row"><a href="${path}/sign-in">${consent.notYou}</a><a href="${basePath}/end-session">${words.signOut}</a></span></p></div>
${notice === null ? null : html`<div class="notice good" role="status"><p>${notice}</p></div>`}
<section class="stack" aria-labelledby="applications">
<div class="stack tight"><h2 id="applications">${words.applications}</h2>${access.length === 0 ? null : html`<p class="lead">${words.says(options.providerHost)}</p>`}</div>
${access.length === 0 ? nothing(words) : access.map((held) => application(held, options, words))}
</section>
<section class="stack" aria-labelledby="sessions">
<h2 id="sessions">${words.sessions}</h2>
${sessionList(options, words)}
</section>
</div>`,
  })
}

export function applicationOf({ name, client }: HeldAccess): AskingApplication {
  return { name, client: client ?? {} }
}

/** Logo or initial, and the name. */
export function party(held: HeldAccess, heading: Html, more: Html): Html {
  const initial = [...held.name.trim()][0]?.toUpperCase() ?? '?'
  return html`<div class="party">${logoOf(applicationOf(held)) ?? html`<span class="initial" aria-hidden="true">${initial}</span>`}
<div>${heading}${more}</div></div>`
}

function nothing(words: Words): Html {
  return html`<div class="card empty"><p><strong>${words.none}</strong></p><p>${words.noneSays}</p></div>`
}

function application(held: HeldAccess, { path, locale, providerHost }: AccountPageOptions, words: Words): Html {
  const { name, client, since, permissions, details, wasAsked, isInUse, clientId } = held
  const allowed = [
    ...permissions,
    ...(details.length === 0 ? [] : [{ name: words.once, asks: details.map(({ says }) => ({ says, scope: null })) }]),
  ]
  const facts = html`<p class="host">${words.since} ${dayOf(since, locale)} · ${isInUse ? words.inUse : words.idle}</p>`
  return html`<article class="card stack held">
${party(held, html`<h3>${name}</h3>`, facts)}
${client === null ? html`<p class="small muted">${words.gone}</p>` : null}
${wasAsked ? null : html`<p class="small muted">${words.notAsked(providerHost)}</p>`}
${allowed.length === 0 ? null : permissionList(allowed, 4)}
<a class="button danger small" href="${path}/withdraw?client_id=${encodeURIComponent(clientId)}" aria-label="${words.withdraw}: ${name}">${words.withdraw}</a>
</article>`
}

function sessionList(options: AccountPageOptions, words: Words): Html {
  const { sessions } = options
  const others = sessions.filter(({ isHere }) => !isHere)
  return html`<ul class="rows">${sessions.map((session) => html`<li>${sessionRow(session, options, words)}</li>`)}</ul>
${
  others.length === 0
    ? html`<p class="small muted">${words.nowhereElse}</p>`
    : form(options, 'sign-out-others', html`<button class="danger">${words.endOthers}</button>`)
}`
}

function sessionRow(session: AccountPageOptions['sessions'][number], options: AccountPageOptions, words: Words): Html {
  const { locale, now } = options
  const { browser, platform } = session.device ?? { browser: null, platform: null }
  const name = platform === null ? (browser ?? words.someBrowser) : words.on(browser ?? words.someBrowser, platform)
  const methods = session.amr.map((method) => words.methods[method] ?? method).join(', ')
  return html`<div class="stack tight">
<h3 class="row">${name}${session.isHere ? html` <span class="badge good">${words.here}</span>` : null}</h3>
<p class="small muted">${words.signedIn} ${agoOf(session.startedAt, now, locale)} ${methods} · ${words.used} ${agoOf(session.usedAt, now, locale)}</p>
${session.applications.length === 0 ? null : html`<p class="small muted">${words.opened}: ${session.applications.join(', ')}</p>`}
</div>
${
  session.isHere
    ? null
    : form(
        options,
        'sign-out',
        html`<input type="hidden" name="session" value="${session.id}"><button class="secondary small" aria-label="${words.endOne}: ${name}">${words.endOne}</button>`,
      )
}`
}

function form({ path, formToken }: AccountPageOptions, action: string, fields: Html): Html {
  return html`<form method="post" action="${path}/${action}"><input type="hidden" name="form_token" value="${formToken}">${fields}</form>`
}

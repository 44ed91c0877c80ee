import { Form, OAuthError } from '@latchkey/protocol'
import { interactionPath } from '../authorization/begin-interaction.ts'
import { closedPage } from '../authorization/closed-page.ts'
import { askConsent, denied, readConsent } from '../authorization/consent-step.ts'
import { seeOther } from '../authorization/cookies.ts'
import { grantRequest } from '../authorization/grant-request.ts'
import { type Interaction, openInteraction, type Purpose, requestOf } from '../authorization/interaction.ts'
import { whatIsNeeded } from '../authorization/needs.ts'
import { spendPushedRequest } from '../authorization/pushed-request.ts'
import { refuse, refuseOnPage } from '../authorization/refuse.ts'
import { signInStep } from '../authorization/sign-in-step.ts'
import type { Endpoint, EndpointRequest } from '../http/endpoint.ts'
import { readForm } from '../http/read-form.ts'
import type { Parts } from '../parts.ts'

type Step = (parts: Parts, interaction: Interaction, form: Form) => Promise<Response>

/** One line a step: method, and the path below the interaction's own. */
const steps: Readonly<Record<string, Step>> = {
  'GET ': show,
  'GET /sign-in': showSignIn,
  'POST /sign-in': signIn,
  'GET /register': showRegister,
  'POST /register': register,
  'POST /consent': consent,
  'POST /cancel': cancel,
}

/** The pages between an authorization request and its answer: sign-in, then consent. Exactly one code comes out. */
export function interactionEndpoint(parts: Parts): Endpoint {
  return {
    path: interactionPath,
    prefix: true,
    methods: ['GET', 'POST'],
    cors: 'none',
    audience: 'person',
    handle: async (http) => {
      const interaction = await open(parts, http)
      if (interaction instanceof Response) return interaction
      const step = steps[`${http.request.method} ${parts.basePath}${http.path}`.replace(interaction.path, '')]
      // A page asked for in a way it has none, such as a form's address typed into the browser, begins at its start.
      if (step === undefined) return seeOther(interaction.path)
      const form = http.request.method === 'POST' ? await readForm(http.request) : Form.of({})
      return answering(parts, interaction, () => step(parts, interaction, form))
    },
  }
}

async function open(parts: Parts, http: EndpointRequest): Promise<Interaction | Response> {
  try {
    const opened = await openInteraction(parts, http)
    return 'because' in opened ? await closedPage(parts, http, opened) : opened
  } catch (error) {
    return refuseOnPage(parts, http, error)
  }
}

/** What is refused from here on is told to the client, which ends the interaction. */
async function answering(parts: Parts, interaction: Interaction, step: () => Promise<Response>): Promise<Response> {
  const { purpose, http } = interaction
  try {
    return await step()
  } catch (error) {
    if (purpose.kind === 'page' || !(error instanceof OAuthError)) throw error
    return finish(parts, interaction, async () => refuse(parts, purpose.asker, { error, requestId: http.requestId }))
  }
}

/** Draws what is needed now, or answers when nothing is. */
async function show(parts: Parts, interaction: Interaction): Promise<Response> {
  const { purpose, session, signedInHere, http } = interaction
  if (purpose.kind === 'page') {
    if (!signedInHere) return showFirst(parts, interaction)
    return finish(parts, interaction, async () => seeOther(purpose.returnTo))
  }
  const request = requestOf(parts, purpose)
  const need = await whatIsNeeded(parts, request, { session, signedInHere })
  if (need === 'sign-in' || session === null) return showFirst(parts, interaction)
  if (need === 'consent') return askConsent(parts, interaction, { request, session })
  return finish(parts, interaction, () => grantRequest(parts, request, { session, requestId: http.requestId }))
}

/** Draws the page that the request wants first: of sign-in, or of making an account. */
function showFirst(parts: Parts, interaction: Interaction): Promise<Response> {
  const { purpose } = interaction
  // @spec Initiating User Registration §4
  const creates = purpose.kind === 'authorization' && requestOf(parts, purpose).prompt.includes('create')
  return creates ? showRegister(parts, interaction) : showSignIn(parts, interaction)
}

function showSignIn(parts: Parts, interaction: Interaction): Promise<Response> {
  return signInStep(parts, interaction, { page: 'signIn', form: null, next: (signedIn) => show(parts, signedIn) })
}

function showRegister(parts: Parts, interaction: Interaction): Promise<Response> {
  return signInStep(parts, interaction, { page: 'register', form: null, next: (signedIn) => show(parts, signedIn) })
}

function signIn(parts: Parts, interaction: Interaction, form: Form): Promise<Response> {
  return signInStep(parts, interaction, { page: 'signIn', form, next: (signedIn) => afterSignIn(parts, signedIn) })
}

async function register(parts: Parts, interaction: Interaction, form: Form): Promise<Response> {
  if (parts.accounts.register === undefined) return seeOther(interaction.path)
  return signInStep(parts, interaction, { page: 'register', form, next: (signedIn) => afterSignIn(parts, signedIn) })
}

/** Pages are shown under the interaction's own address, so that reloading one never repeats a sign-in. */
async function afterSignIn(parts: Parts, interaction: Interaction): Promise<Response> {
  return answering(parts, interaction, async () => {
    const { purpose, session, signedInHere } = interaction
    const request = purpose.kind === 'page' ? null : requestOf(parts, purpose)
    const need = request === null ? 'nothing' : await whatIsNeeded(parts, request, { session, signedInHere })
    return need === 'nothing' ? show(parts, interaction) : seeOther(interaction.path)
  })
}

async function consent(parts: Parts, interaction: Interaction, form: Form): Promise<Response> {
  const { purpose, session, signedInHere, http } = interaction
  if (purpose.kind === 'page') return seeOther(interaction.path)
  const request = requestOf(parts, purpose)
  const need = await whatIsNeeded(parts, request, { session, signedInHere })
  if (need === 'sign-in' || session === null) return seeOther(interaction.path)
  const allowed = readConsent(parts, form, { request, session })
  if (allowed === null) return seeOther(interaction.path)
  return finish(parts, interaction, async () => {
    const clientId = request.client.metadata.client_id
    const { sub } = session.account
    const at = parts.runtime.now()
    const consent = { permissions: allowed, details: request.authorizationDetails }
    const about = { at, requestId: http.requestId, clientId, sub, detail: request.scope.join(' ') }
    await parts.tellOf(
      () => parts.store.consents.grant(sub, clientId, consent, Math.floor(at)),
      () => [{ type: 'consent.granted', ...about }],
    )
    return grantRequest(parts, request, { session, requestId: http.requestId })
  })
}

async function cancel(): Promise<Response> {
  throw denied()
}

/** Takes the interaction away, and only the one who took it answers: of two clicks one gets the code. */
async function finish(parts: Parts, interaction: Interaction, answer: () => Promise<Response>): Promise<Response> {
  const { purpose, http } = interaction
  const taken = await parts.store.interactions.consume(interaction.hash, parts.runtime.now())
  if (taken === null || !(await isFirstAnswer(parts, purpose)))
    return closedPage(parts, http, { because: 'finished', label: labelOf(purpose) })
  try {
    return await answer()
  } catch (error) {
    // Nobody can try again: the client is told that it got nothing.
    if (purpose.kind === 'page') throw error
    return refuse(parts, purpose.asker, { error, requestId: http.requestId })
  }
}

/** A pushed request may have been opened more than once. @spec RFC 9126 §7.3 */
async function isFirstAnswer(parts: Parts, purpose: Purpose): Promise<boolean> {
  return purpose.kind === 'page' || spendPushedRequest(parts, purpose.asker.client, purpose.form)
}

function labelOf(purpose: Purpose): { clientId: string } | { pageName: string } {
  return purpose.kind === 'page' ? { pageName: purpose.name } : { clientId: purpose.asker.client.metadata.client_id }
}

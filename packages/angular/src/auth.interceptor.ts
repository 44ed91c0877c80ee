import {
  HttpErrorResponse,
  type HttpEvent,
  type HttpHandler,
  type HttpInterceptor,
  type HttpInterceptorFn,
  type HttpRequest,
  HttpResponse,
} from '@angular/common/http'
import { inject } from '@angular/core'
import {
  type AccessTokenOptions,
  type ApiVerdict,
  type Auth,
  ProtocolError,
  type RequestToken,
} from '@latchkey/browser'
import { catchError, Observable, switchMap, tap, throwError } from 'rxjs'
import { AUTH_CLIENTS, type AuthClients } from './auth-clients.ts'
import { inRoot } from './in-root.ts'
import { REQUEST_AUTHENTICATION } from './request-context.ts'

type Send = (request: HttpRequest<unknown>) => Observable<HttpEvent<unknown>>

/** For `provideHttpClient(withInterceptors([authInterceptor()]))`: tokens on secure routes, one replay after a 401. */
export function authInterceptor(): HttpInterceptorFn {
  return (request, next) => sendWithToken(inject(AUTH_CLIENTS), request, next)
}

/** The same as a class: `{ provide: HTTP_INTERCEPTORS, useClass: AuthInterceptor, multi: true }`. */
export class AuthInterceptor implements HttpInterceptor {
  static readonly ɵprov: unknown = inRoot(AuthInterceptor)

  readonly #clients = inject(AUTH_CLIENTS)

  intercept(request: HttpRequest<unknown>, next: HttpHandler): Observable<HttpEvent<unknown>> {
    return sendWithToken(this.#clients, request, (sent) => next.handle(sent))
  }
}

/** What is the same for every attempt of one request. */
interface Sending {
  readonly auth: Auth
  readonly request: HttpRequest<unknown>
  readonly send: Send
  readonly wanted: AccessTokenOptions
  readonly authentication: 'required' | 'optional'
  /** Whether the caller itself asked for a token. */
  readonly insists: boolean
}

/** A request that already says who it is, or goes elsewhere, passes as it is. @spec RFC 6750 §2.1 */
export function sendWithToken(
  clients: AuthClients,
  request: HttpRequest<unknown>,
  send: Send,
): Observable<HttpEvent<unknown>> {
  const { authentication, configId, ...target } = request.context.get(REQUEST_AUTHENTICATION)
  if (request.headers.has('Authorization') || authentication === 'skip') return send(request)
  const { urlWithParams: url, method } = request
  const auth = configId === undefined ? clients.forUrl(url, method) : clients.get(configId)
  const route = auth?.routeFor(url, method) ?? null
  if (auth === undefined || route === null) return send(request)
  const { resource, scope } = { ...route, ...target }
  const wanted = { ...(resource === undefined ? {} : { resource }), ...(scope === undefined ? {} : { scope }) }
  const sending = { auth, request, send, wanted, insists: authentication === 'required' }
  return attempt({ ...sending, authentication: authentication ?? route.authentication }, new Set())
}

/** One attempt; whatever an API may ask for is answered at most once. */
function attempt(sending: Sending, tried: Set<string>, rejected?: string): Observable<HttpEvent<unknown>> {
  const { auth, request, send } = sending
  return requestToken(sending, rejected).pipe(
    switchMap((token) => {
      if (token === null) return sending.insists ? throwError(() => unsent(request, nobody())) : send(request)
      return send(request.clone({ setHeaders: { ...token.headers } })).pipe(
        tap((event) => {
          if (event instanceof HttpResponse) judge(auth, event)
        }),
        catchError((error: unknown) => followUp(sending, { tried, token, error })),
      )
    }),
  )
}

interface Refusal {
  readonly tried: Set<string>
  readonly token: RequestToken
  readonly error: unknown
}

/** One renewal, one more proof; where no other token is to be had, the API's own answer stands. */
function followUp(sending: Sending, { tried, token, error }: Refusal): Observable<HttpEvent<unknown>> {
  if (!(error instanceof HttpErrorResponse) || error.status === 0) return throwError(() => error)
  const verdict = judge(sending.auth, error)
  if (verdict.next === 'done' || tried.has(verdict.next)) return throwError(() => error)
  tried.add(verdict.next)
  if (verdict.next === 'challenge') return answerChallenge(sending, { tried, token, error }, verdict)
  const rejected = verdict.next === 'renew' ? token.accessToken : undefined
  return requestToken(sending, rejected).pipe(
    catchError(() => throwError(() => error)),
    switchMap((next) => {
      if (next === null || (rejected !== undefined && next.accessToken === rejected)) return throwError(() => error)
      return attempt(sending, tried)
    }),
  )
}

/** @spec RFC 9470 §4 */
function answerChallenge(
  sending: Sending,
  { tried, error }: Refusal,
  { challenge }: Extract<ApiVerdict, { next: 'challenge' }>,
): Observable<HttpEvent<unknown>> {
  const { stepUp = 'report' } = sending.auth.config
  if (stepUp === 'report') return throwError(() => error)
  return new Observable<void>((subscriber) => {
    sending.auth.answerChallenge(challenge, stepUp).then(
      () => subscriber.next(),
      () => subscriber.error(error),
    )
  }).pipe(switchMap(() => (stepUp === 'popup' ? attempt(sending, tried) : throwError(() => error))))
}

function judge(auth: Auth, answer: HttpResponse<unknown> | HttpErrorResponse): ApiVerdict {
  const { status, headers, url } = answer
  return auth.judge({ url: url ?? '', status, header: (name) => headers.get(name) })
}

/** Waits for a current token; whoever unsubscribes stops waiting, while the shared renewal goes on. */
function requestToken(sending: Sending, rejected?: string): Observable<RequestToken | null> {
  const { auth, request, wanted, authentication } = sending
  return new Observable<RequestToken | null>((subscriber) => {
    const waiting = new AbortController()
    const { urlWithParams: url, method } = request
    const options = { ...wanted, signal: waiting.signal, ...(rejected === undefined ? {} : { rejected }) }
    const give = (token: RequestToken | null) => {
      subscriber.next(token)
      subscriber.complete()
    }
    auth.requestToken({ url, method }, options).then(give, (error: unknown) => {
      if (authentication === 'optional') give(null)
      else subscriber.error(unsent(request, error))
    })
    return () => waiting.abort()
  })
}

function nobody(): ProtocolError {
  return new ProtocolError('not_signed_in', 'Nobody is signed in, and this request is not sent without a token')
}

/** What HttpClient reports for a request that could not be sent: status 0 with the reason. */
function unsent(request: HttpRequest<unknown>, reason: unknown): HttpErrorResponse {
  return new HttpErrorResponse({
    error: reason,
    status: 0,
    statusText: 'No current access token',
    url: request.urlWithParams,
  })
}

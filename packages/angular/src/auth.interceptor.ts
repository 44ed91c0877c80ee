import {
  HttpErrorResponse,
  type HttpEvent,
  type HttpHandler,
  type HttpInterceptor,
  type HttpInterceptorFn,
  type HttpRequest,
} from '@angular/common/http'
import { inject, ɵɵdefineInjectable } from '@angular/core'
import type { Auth } from '@latchkey/browser'
import { catchError, Observable, switchMap, throwError } from 'rxjs'
import { AUTH_CLIENTS, type AuthClients } from './auth-clients.ts'

type Send = (request: HttpRequest<unknown>) => Observable<HttpEvent<unknown>>

/** For `provideHttpClient(withInterceptors([authInterceptor()]))`: tokens on secure routes, one replay after a 401. */
export function authInterceptor(): HttpInterceptorFn {
  return (request, next) => sendWithToken(inject(AUTH_CLIENTS), request, next)
}

/** The same as a class: `{ provide: HTTP_INTERCEPTORS, useClass: AuthInterceptor, multi: true }`. */
export class AuthInterceptor implements HttpInterceptor {
  static readonly ɵprov: unknown = ɵɵdefineInjectable({
    token: AuthInterceptor,
    providedIn: 'root',
    factory: () => new AuthInterceptor(),
  })

  readonly #clients = inject(AUTH_CLIENTS)

  intercept(request: HttpRequest<unknown>, next: HttpHandler): Observable<HttpEvent<unknown>> {
    return sendWithToken(this.#clients, request, (sent) => next.handle(sent))
  }
}

/** A request that already says who it is, or goes elsewhere, passes as it is. @spec RFC 6750 §2.1 */
function sendWithToken(
  clients: AuthClients,
  request: HttpRequest<unknown>,
  send: Send,
): Observable<HttpEvent<unknown>> {
  const auth = request.headers.has('Authorization') ? undefined : clients.forUrl(request.urlWithParams)
  if (auth === undefined) return send(request)
  return accessToken(auth, request).pipe(
    switchMap((current) => {
      if (current === null) return send(request)
      return send(withToken(request, current)).pipe(
        catchError((error: unknown) => replayAfter401({ auth, request, send, rejected: current, error })),
      )
    }),
  )
}

interface Refusal {
  readonly auth: Auth
  readonly request: HttpRequest<unknown>
  readonly send: Send
  readonly rejected: string
  readonly error: unknown
}

/** One renewal and one replay; where no other token is to be had, the API's own answer stands. */
function replayAfter401({ auth, request, send, rejected, error }: Refusal): Observable<HttpEvent<unknown>> {
  if (!(error instanceof HttpErrorResponse) || error.status !== 401) return throwError(() => error)
  return accessToken(auth, request, rejected).pipe(
    catchError(() => throwError(() => error)),
    switchMap((renewed) => (renewed === null ? throwError(() => error) : send(withToken(request, renewed)))),
  )
}

/** Waits for a current token; whoever unsubscribes stops waiting, while the shared renewal goes on. */
function accessToken(auth: Auth, request: HttpRequest<unknown>, rejected?: string): Observable<string | null> {
  return new Observable<string | null>((subscriber) => {
    const waiting = new AbortController()
    auth.getAccessToken({ signal: waiting.signal, ...(rejected === undefined ? {} : { rejected }) }).then(
      (token) => {
        subscriber.next(token)
        subscriber.complete()
      },
      (error: unknown) => subscriber.error(unsent(request, error)),
    )
    return () => waiting.abort()
  })
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

function withToken(request: HttpRequest<unknown>, token: string): HttpRequest<unknown> {
  return request.clone({ setHeaders: { Authorization: `Bearer ${token}` } })
}

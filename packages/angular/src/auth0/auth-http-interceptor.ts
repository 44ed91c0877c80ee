import type { HttpEvent, HttpHandler, HttpInterceptor, HttpInterceptorFn, HttpRequest } from '@angular/common/http'
import { inject, ɵɵdefineInjectable } from '@angular/core'
import type { Observable } from 'rxjs'
import { sendWithToken } from '../auth.interceptor.ts'
import { AUTH_CLIENTS } from '../auth-clients.ts'
import { authentication } from '../request-context.ts'
import { ALLOWED_LIST } from './provide-auth0.ts'

/** For `provideHttpClient(withInterceptors([authHttpInterceptorFn]))`: tokens for what `allowedList` names, nothing else. */
export const authHttpInterceptorFn: HttpInterceptorFn = (request, next) => prepare()(request, next)

/** The same as a class, for `HTTP_INTERCEPTORS`. */
export class AuthHttpInterceptor implements HttpInterceptor {
  static readonly ɵprov: unknown = ɵɵdefineInjectable({
    token: AuthHttpInterceptor,
    providedIn: 'root',
    factory: () => new AuthHttpInterceptor(),
  })

  readonly #send = prepare()

  intercept(request: HttpRequest<unknown>, next: HttpHandler): Observable<HttpEvent<unknown>> {
    return this.#send(request, (sent) => next.handle(sent))
  }
}

type Send = (request: HttpRequest<unknown>) => Observable<HttpEvent<unknown>>

function prepare(): (request: HttpRequest<unknown>, send: Send) => Observable<HttpEvent<unknown>> {
  const clients = inject(AUTH_CLIENTS)
  const allowed = inject(ALLOWED_LIST)
  return (request, send) => {
    const asked = allowed.find(request.url, request.method)
    if (asked === undefined) return send(request)
    return sendWithToken(clients, request.clone({ context: authentication(asked, request.context) }), send)
  }
}

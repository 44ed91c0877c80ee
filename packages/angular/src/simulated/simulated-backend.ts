import {
  type HttpBackend,
  HttpErrorResponse,
  type HttpEvent,
  HttpHeaders,
  type HttpRequest,
  HttpResponse,
} from '@angular/common/http'
import type { Platform } from '@latchkey/browser'
import { Observable } from 'rxjs'

/** HttpClient's last step over the network of a simulated page. */
export class SimulatedBackend implements HttpBackend {
  readonly #platform: Platform

  constructor(platform: Platform) {
    this.#platform = platform
  }

  handle(request: HttpRequest<unknown>): Observable<HttpEvent<unknown>> {
    return new Observable((subscriber) => {
      const ending = new AbortController()
      this.#send(request, ending.signal).then(
        (response) => {
          if (response instanceof HttpErrorResponse) return subscriber.error(response)
          subscriber.next(response)
          subscriber.complete()
        },
        (error: unknown) => subscriber.error(new HttpErrorResponse({ error, status: 0, url: request.urlWithParams })),
      )
      return () => ending.abort()
    })
  }

  async #send(request: HttpRequest<unknown>, signal: AbortSignal): Promise<HttpResponse<unknown> | HttpErrorResponse> {
    const { page, runtime } = this.#platform
    const headers = new Headers()
    for (const name of request.headers.keys()) headers.set(name, request.headers.get(name) ?? '')
    const url = new URL(request.urlWithParams, page.href()).href
    const body = request.serializeBody() as BodyInit | null
    const answer = await runtime.fetch(new Request(url, { method: request.method, headers, body, signal }))
    const content: unknown = await answer.json().catch(() => null)
    const init = { status: answer.status, url, headers: new HttpHeaders(answer.headers) }
    return answer.ok ? new HttpResponse({ ...init, body: content }) : new HttpErrorResponse({ ...init, error: content })
  }
}

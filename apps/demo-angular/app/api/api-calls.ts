import { HttpClient, HttpErrorResponse } from '@angular/common/http'
import { Injectable, inject } from '@angular/core'
import { catchError, map, type Observable, of } from 'rxjs'

export interface ApiAnswer {
  /** 0 when no answer came. */
  readonly status: number
  readonly body: unknown
}

const reasons: Readonly<Record<number, string>> = {
  200: 'OK',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
}

/** Plain HttpClient: the token is the interceptor's business. */
@Injectable({ providedIn: 'root' })
export class ApiCalls {
  readonly #http = inject(HttpClient)

  /** Never errors: a refusal is an answer too. */
  get(url: string): Observable<ApiAnswer> {
    return this.#http.get<unknown>(url, { observe: 'response' }).pipe(
      map(({ status, body }) => ({ status, body })),
      catchError((error: unknown) => of(refusal(error))),
    )
  }
}

/** `200 OK`; what a person should read for an answer's status. */
export function statusLine({ status }: ApiAnswer): string {
  if (status === 0) return 'no answer'
  const reason = reasons[status]
  return reason === undefined ? String(status) : `${status} ${reason}`
}

function refusal(error: unknown): ApiAnswer {
  if (!(error instanceof HttpErrorResponse)) throw error
  const reason: unknown = error.error
  if (error.status !== 0) return { status: error.status, body: reason }
  const detail =
    reason instanceof Error ? reason.message : 'The API could not be reached. Check that it runs, then try again.'
  return { status: 0, body: { detail } }
}

import { ProtocolError } from '@latchkey/protocol'
import type { Parts } from '../endpoints/endpoint.ts'
import { escapeHtml, page } from './answers.ts'
import { problemOf } from './problem.ts'

/** What a person sees when signing in or out fails: what happened, and the one thing to do next. */
export function failurePage({ settings, emit }: Parts, path: string, error: unknown): Response {
  const { status, code, detail } = problemOf(error)
  const known = error instanceof ProtocolError
  emit(
    known || status < 500 ? { type: 'sign_in_failed', code, cause: error } : { type: 'request_failed', cause: error },
  )
  const retryable = known && error.retryable
  const login = `${settings.basePath}/login`
  const next = retryable
    ? `<p>Please wait a moment, then <a href="${login}">try again</a>.</p>`
    : `<p><a href="${login}">Sign in again</a> or <a href="/">go to the start page</a>.</p>`
  const said = known ? error.message : detail
  return page({
    status: known && !retryable ? 400 : status,
    title: path === '/logout' ? 'Signing out did not work' : 'Signing in did not work',
    body: `<p>${escapeHtml(`${said.charAt(0).toUpperCase()}${said.slice(1)}.`)}</p>${next}`,
  })
}

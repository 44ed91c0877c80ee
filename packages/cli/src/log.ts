import type { ProviderEvent } from '@latchkey/provider'

export type LogFormat = 'json' | 'text' | 'none'

/** One line of the log for one event, without a line break at its end; null when nothing is logged. */
export function logLine(format: LogFormat, event: ProviderEvent): string | null {
  if (format === 'none') return null
  const fields = {
    time: new Date(event.at * 1000).toISOString(),
    type: event.type,
    request_id: event.requestId,
    client_id: event.clientId,
    sub: event.sub,
    actor: event.actor,
    grant_type: event.grantType,
    family_id: event.familyId,
    error: event.error,
    detail: event.detail,
  }
  if (format === 'json') return JSON.stringify(fields)
  const { time, type, ...rest } = fields
  const pairs = Object.entries(rest).filter(([, value]) => value !== undefined)
  return [time, type, ...pairs.map(([name, value]) => `${name}=${quoted(value ?? '')}`)].join(' ')
}

/** Keeps what came from outside on its own line and within its own quotes. */
function quoted(value: string): string {
  return /^[\w.:/@+-]+$/.test(value) ? value : JSON.stringify(value)
}

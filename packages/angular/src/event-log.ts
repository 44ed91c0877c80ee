import { InjectionToken, inject } from '@angular/core'
import type { Auth, AuthEvent } from '@latchkey/browser'
import { AUTH_CLIENTS } from './auth-clients.ts'
import { ignoredOptions } from './auth-config.ts'
import { AUTH_STATES } from './auth-states.ts'
import { AbstractLoggerService, consoleLogger } from './logger.ts'
import { LogLevel, type OpenIdConfiguration } from './open-id-configuration.ts'
import { surfaceOf } from './user-data.ts'

/** Writes what happens to the log, as much as each configuration wants. */
export const EVENT_LOG = new InjectionToken<true>('Latchkey log', {
  providedIn: 'root',
  factory: () => {
    const logger = inject(AbstractLoggerService, { optional: true }) ?? consoleLogger
    inject(AUTH_STATES).events$.subscribe(({ auth, event }) => write(logger, auth, event))
    inject(AUTH_CLIENTS).ready.then(
      (all) => {
        for (const auth of all) warnOfIgnored(logger, auth)
      },
      (error: unknown) => logger.logError('[latchkey] the configurations could not be loaded', error),
    )
    return true
  },
})

function warnOfIgnored(logger: AbstractLoggerService, auth: Auth): void {
  if (!wants(auth, LogLevel.Warn)) return
  const ignored = ignoredOptions(surfaceOf(auth) as OpenIdConfiguration)
  for (const sentence of ignored) logger.logWarning(`[latchkey] ${auth.config.configId}: ${sentence}`)
}

function write(logger: AbstractLoggerService, auth: Auth, event: AuthEvent): void {
  const { configId } = auth.config
  if (event.type === 'sign-in-failed' && wants(auth, LogLevel.Error)) {
    logger.logError(`[latchkey] ${configId}: the sign-in failed`, event.error)
  } else if (event.type === 'renewal-failed' && wants(auth, LogLevel.Warn)) {
    logger.logWarning(`[latchkey] ${configId}: the renewal failed`, event.error)
  } else if (event.type === 'state-changed' && wants(auth, LogLevel.Debug)) {
    const { state } = event
    const because = state.status === 'anonymous' && state.because !== undefined ? ` (${state.because})` : ''
    const renewals = state.status === 'authenticated' ? `, renewals: ${state.renewals}` : ''
    logger.logDebug(`[latchkey] ${configId}: ${state.status}${because}${renewals}`)
  }
}

/** Debug writes most, Error least. */
function wants(auth: Auth, level: LogLevel): boolean {
  const { logLevel = LogLevel.Warn } = surfaceOf(auth)
  return logLevel !== LogLevel.None && logLevel <= level
}

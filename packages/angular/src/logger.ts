/** Where messages go: `{ provide: AbstractLoggerService, useClass: … }`; default the console. Never a token, code or nonce. */
export abstract class AbstractLoggerService {
  abstract logError(message: string | object, ...more: readonly unknown[]): void
  abstract logWarning(message: string | object, ...more: readonly unknown[]): void
  abstract logDebug(message: string | object, ...more: readonly unknown[]): void
}

export const consoleLogger: AbstractLoggerService = {
  logError: (message, ...more) => console.error(message, ...more),
  logWarning: (message, ...more) => console.warn(message, ...more),
  logDebug: (message, ...more) => console.debug(message, ...more),
}

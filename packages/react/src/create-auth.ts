import { type Auth, type AuthConfig, type BffAuthConfig, createAuth as createCoreAuth } from '@latchkey/browser'
import { idTokenSignatures } from '@latchkey/browser/signatures'

/**
 * Sign-in, tokens and sign-out for one configuration; the signature of every ID token is checked. Make it once, outside of
 * any component. @throws ConfigError with every problem of the configuration at once. @spec OIDC Core §3.1.3.7
 */
export function createAuth(config: AuthConfig | BffAuthConfig): Auth {
  if (config.mode === 'bff') return createCoreAuth(config)
  return createCoreAuth({ ...config, parts: [...(config.parts ?? []), idTokenSignatures()] })
}

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type ChildProgram, startCommand } from '../processes/child-program.ts'

const program = ['/usr/sbin/apache2', '/usr/sbin/httpd'].find(existsSync)
const modules = ['/usr/lib/apache2/modules', '/usr/lib64/httpd/modules'].find(existsSync)

/** Whether this machine has Apache with mod_auth_openidc. */
export const hasApache = modules !== undefined && existsSync(join(modules, 'mod_auth_openidc.so'))

const page = `<p id="name"><!--#echo var="OIDC_CLAIM_name" --></p>
<p id="token"><!--#echo var="OIDC_access_token" --></p>`

const loaded = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'include', 'auth_openidc']

function configuration(folder: string, site: { origin: string; issuer: string; id: string; secret: string }): string {
  return `ServerRoot "${folder}"
ServerName 127.0.0.1
Listen ${new URL(site.origin).host}
PidFile "${folder}/httpd.pid"
ErrorLog "${folder}/error.log"
LogLevel warn
${loaded.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`).join('\n')}
DocumentRoot "${folder}/www"
OIDCProviderMetadataURL ${site.issuer}/.well-known/openid-configuration
OIDCClientID ${site.id}
OIDCClientSecret ${site.secret}
OIDCRedirectURI ${site.origin}/app/callback
OIDCCryptoPassphrase "${site.secret}"
OIDCScope "openid profile offline_access"
OIDCPKCEMethod S256
OIDCAuthRequestParams "prompt=consent"
# Longer than a token lives: each request renews.
OIDCRefreshAccessTokenBeforeExpiry 7200
<Location /app>
  AuthType openid-connect
  Require valid-user
</Location>
<Location /app/index.shtml>
  Options +Includes
  SetOutputFilter INCLUDES
</Location>
`
}

/** Apache whose `/app/` asks for a sign-in by mod_auth_openidc, once it listens. */
export async function startApacheSite(
  folder: string,
  site: { origin: string; issuer: string; id: string; secret: string },
): Promise<ChildProgram> {
  mkdirSync(join(folder, 'www/app'), { recursive: true })
  writeFileSync(join(folder, 'www/app/index.shtml'), page)
  writeFileSync(join(folder, 'www/bye'), 'Signed out')
  writeFileSync(join(folder, 'httpd.conf'), configuration(folder, site))
  const apache = startCommand(program ?? 'apache2', { args: ['-DFOREGROUND', '-f', join(folder, 'httpd.conf')] })
  while (!(await answers(`${site.origin}/bye`))) {
    if (apache.process.exitCode !== null) throw new Error(`Apache ended: ${readErrors(folder)}${apache.output.stderr}`)
    await pause(50)
  }
  return apache
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (answer) => answer.ok,
    () => false,
  )
}

function readErrors(folder: string): string {
  const log = join(folder, 'error.log')
  return existsSync(log) ? readFileSync(log, 'utf8') : ''
}

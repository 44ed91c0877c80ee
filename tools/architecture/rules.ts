/** Who may import whom, and what each package may touch: the table of docs/map.md, as data. */
export interface PackageRule {
  /** Other packages of ours it may import; `type:` means types only. */
  readonly imports: readonly string[]
  /** Libraries its source may import besides. */
  readonly libraries: readonly string[]
  /** Whether it also runs in a browser: then no `node:` module at all. */
  readonly browserSafe?: boolean
  /** Files in which `node:` modules other than the harmless ones may stand. */
  readonly nodeModules?: 'anywhere' | readonly string[]
  /** Files in which the DOM and browser globals may stand. */
  readonly dom?: readonly string[]
}

export const packageRules: Readonly<Record<string, PackageRule>> = {
  protocol: { imports: [], libraries: [], browserSafe: true },
  client: { imports: ['protocol'], libraries: [], browserSafe: true },
  browser: { imports: ['client', 'protocol'], libraries: [], browserSafe: true, dom: ['src/platform/'] },
  angular: {
    imports: ['browser'],
    libraries: ['@angular/core', '@angular/common', '@angular/router', 'rxjs'],
    browserSafe: true,
  },
  react: { imports: ['browser'], libraries: ['react'], browserSafe: true },
  provider: {
    imports: ['protocol'],
    libraries: ['hono', 'jose'],
    nodeModules: ['src/crypto.ts', 'src/outbound/network.ts'],
  },
  accounts: { imports: ['protocol', 'type:provider'], libraries: ['hono'], nodeModules: ['src/crypto.ts'] },
  admin: { imports: ['provider', 'accounts', 'protocol'], libraries: ['hono'], nodeModules: ['src/crypto.ts'] },
  'store-redis': { imports: ['type:bff', 'protocol'], libraries: ['redis'], nodeModules: 'anywhere' },
  'store-sql': {
    imports: ['type:provider', 'type:accounts', 'type:bff', 'protocol', 'accounts'],
    libraries: ['kysely', 'pg'],
    nodeModules: 'anywhere',
  },
  api: {
    imports: ['protocol', 'client'],
    libraries: ['jose', 'express', 'fastify', 'hono', '@nestjs/common', '@opentelemetry/api'],
    nodeModules: ['src/crypto.ts', 'src/revocations/feed-file.ts', 'src/adapters/'],
  },
  bff: {
    imports: ['client', 'protocol'],
    libraries: ['@hono/node-server', 'jose', 'express', 'fastify', 'hono', '@opentelemetry/api'],
    nodeModules: ['src/crypto.ts', 'src/adapters/', 'src/node-carrier/', 'src/site/'],
  },
  cli: {
    imports: ['protocol', 'provider', 'accounts', 'admin', 'store-sql', 'bff', 'api', 'client'],
    libraries: ['commander', 'hono'],
    nodeModules: 'anywhere',
  },
  testing: { imports: ['*'], libraries: ['@hono/node-server'], nodeModules: 'anywhere' },
}

/** The one file that may name the clock, the generator, the network and timers. */
export const runtimeDoor = 'packages/protocol/src/system-runtime.ts'

/** Calls that only the runtime's door may make, as they read in source. */
export const worldlyCalls: readonly string[] = [
  'Date.now',
  'performance.now',
  'Math.random',
  'crypto.getRandomValues',
  'crypto.randomUUID',
  'fetch',
  'globalThis.fetch',
  'window.fetch',
  'setTimeout',
  'setInterval',
  'AbortSignal.timeout',
]

export const domGlobals: readonly string[] = [
  'window',
  'document',
  'location',
  'history',
  'navigator',
  'localStorage',
  'sessionStorage',
  'BroadcastChannel',
]

export const forbiddenFolders = /(^|\/)(utils|helpers|shared|common|lib)\//

export const longestFile = 300

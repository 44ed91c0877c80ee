import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { build, type Plugin } from 'vite'
import { root } from '../processes/child-program.ts'

/** Pages of `@latchkey/browser` that an application serves itself. */
const staticPages = join(root, 'packages/browser/static')

/**
 * The React application on React 18: its own `react`, and our packages as built for the registry. Resolves with the folder
 * to serve.
 */
export function buildReact18(): Promise<string> {
  const folder = join(root, 'e2e/applications/react-18')
  return bundle('react-18', { folder, entry: 'main.tsx', own: ['react', 'react-dom'], plugins: [] })
}

/** The Angular application on Angular 17: compiled ahead of time by its own compiler, linked, bundled. */
export function buildAngular17(): Promise<string> {
  const folder = join(root, 'e2e/applications/angular-17')
  const compiler = join(folder, 'node_modules/@angular/compiler-cli/bundles/src/bin/ngc.js')
  execFileSync(process.execPath, [compiler, '-p', join(folder, 'tsconfig.json')], { stdio: 'pipe' })
  const own = ['core', 'common', 'platform-browser', 'router'].map((name) => `@angular/${name}`)
  return bundle('angular-17', {
    folder,
    entry: 'dist/compiled/main.js',
    own: [...own, 'zone.js', 'rxjs'],
    plugins: [angularLinker(folder)],
  })
}

interface Application {
  readonly folder: string
  readonly entry: string
  /** What every package in the bundle takes from the application's own folder. */
  readonly own: readonly string[]
  readonly plugins: readonly Plugin[]
}

async function bundle(name: string, { folder, entry, own, plugins }: Application): Promise<string> {
  const outDir = join(root, 'node_modules/.cache/latchkey/applications', name)
  await build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    resolve: { dedupe: [...own] },
    define: { 'process.env.NODE_ENV': '"production"', ngDevMode: 'false' },
    plugins: [...plugins],
    build: {
      outDir,
      emptyOutDir: true,
      lib: { entry: join(folder, entry), formats: ['es'], fileName: () => 'main.js' },
    },
  })
  const element = name.startsWith('angular') ? '<app-root></app-root>' : '<div id="root"></div>'
  const script = '<script type="module" src="/main.js"></script>'
  writeFileSync(join(outDir, 'index.html'), `<!doctype html><base href="/"><title>${name}</title>${element}${script}`)
  mkdirSync(outDir, { recursive: true })
  for (const file of readdirSync(staticPages)) copyFileSync(join(staticPages, file), join(outDir, file))
  return outDir
}

interface Babel {
  transformAsync(code: string, options: object): Promise<{ code?: string | null; map?: unknown } | null>
}

/** Completes the partly compiled packages of Angular, as its own command line does. */
function angularLinker(folder: string): Plugin {
  const require = createRequire(join(folder, 'package.json'))
  return {
    name: 'angular-linker',
    async transform(code, id) {
      if (!/@angular\/.*\.mjs$/.test(id) || !code.includes('ɵɵngDeclare')) return null
      const { createEs2015LinkerPlugin } = (await import(require.resolve('@angular/compiler-cli/linker/babel'))) as {
        createEs2015LinkerPlugin(options: object): unknown
      }
      const babel = require('@babel/core') as Babel
      const files = { resolve: (...parts: string[]) => join(...parts), exists: () => false, readFile: () => '' }
      const logger = { level: 1, debug() {}, info() {}, warn() {}, error() {} }
      const linker = createEs2015LinkerPlugin({ fileSystem: files, logger, sourceMapping: false, linkerJitMode: false })
      const done = await babel.transformAsync(code, {
        filename: id,
        plugins: [linker],
        configFile: false,
        babelrc: false,
        compact: false,
      })
      return { code: done?.code ?? code, map: null }
    },
  }
}

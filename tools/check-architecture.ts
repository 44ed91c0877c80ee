/**
 * Holds the tree against docs/map.md: who imports whom, purity, the runtime's door, cycles, `any`, file size.
 * It reads every source file and prints each breach with its place and its remedy.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  domGlobals,
  forbiddenFolders,
  longestFile,
  type PackageRule,
  packageRules,
  runtimeDoor,
  worldlyCalls,
} from './architecture/rules.ts'
import { readSourceFile, type SourceFile } from './architecture/source-file.ts'

/** Every breach below `root`, one line each. */
export function checkArchitecture(root: string): readonly string[] {
  const files = sourcePaths(root).map((path) => readSourceFile(root, path))
  return [...files.flatMap((file) => [...fileBreaches(file)]), ...cycles(files)]
}

function sourcePaths(root: string): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  return listed
    .split('\n')
    .filter((path) => /\.(ts|tsx|mts)$/.test(path) && !path.endsWith('.d.ts') && existsSync(join(root, path)))
}

function* fileBreaches(file: SourceFile): Generator<string> {
  const { path } = file
  if (forbiddenFolders.test(path)) yield `${path}: the folder says nothing; name it after what is in it`
  if (file.lines > longestFile)
    yield `${path}: ${file.lines} lines; the limit is ${longestFile}: split it where two subjects meet`
  for (const line of file.anys) yield `${path}:${line}: any; name the type, or use unknown and narrow it`
  const [, name, inside] = /^packages\/([^/]+)\/(.+)$/.exec(path) ?? []
  if (name === undefined || inside === undefined || isTestSupport(inside)) return
  const rule = packageRules[name]
  if (rule === undefined) return yield `${path}: the package ${name} is not in tools/architecture/rules.ts`
  const isContract = inside.endsWith('-contract.ts') || inside.includes('-contract/')
  if (name === 'testing' || isContract) return
  yield* importBreaches(file, { name, inside, rule })
  yield* worldBreaches(file, { inside, rule })
}

/** Tests, and files beside them that only tests import; neither is built nor published. */
function isTestSupport(inside: string): boolean {
  return /\.test\.tsx?$/.test(inside) || /\/test-[^/]+\.tsx?$/.test(inside)
}

interface Place {
  readonly name: string
  readonly inside: string
  readonly rule: PackageRule
}

function* importBreaches(file: SourceFile, { name, inside, rule }: Place): Generator<string> {
  for (const { specifier, typeOnly, line } of file.imports) {
    const at = `${file.path}:${line}`
    if (specifier.startsWith('.')) {
      if (!normalize(join(dirname(inside), specifier)).startsWith('src/'))
        yield `${at}: ${specifier} leaves the package; import it by its package name`
    } else if (specifier.startsWith('@latchkey/')) {
      const other = specifier.split('/')[1] ?? ''
      const allowed =
        rule.imports.includes('*') ||
        rule.imports.includes(other) ||
        (typeOnly && rule.imports.includes(`type:${other}`))
      if (!allowed && other !== name)
        yield `${at}: ${name} must not import ${other}${rule.imports.includes(`type:${other}`) ? ' but for types' : ''}`
    } else if (specifier.startsWith('node:') || builtinModules.includes(specifier)) {
      if (!mayUseNode(rule, inside))
        yield `${at}: ${specifier} may not be used here; ${rule.browserSafe ? `${name} also runs in browsers` : `its one door is ${[rule.nodeModules].flat().join(', ')}`}`
    } else if (!rule.libraries.some((library) => specifier === library || specifier.startsWith(`${library}/`))) {
      yield `${at}: ${name} must not depend on ${specifier}`
    }
  }
}

function mayUseNode(rule: PackageRule, inside: string): boolean {
  if (rule.nodeModules === 'anywhere') return true
  return (rule.nodeModules ?? []).some(
    (allowed) => inside === allowed || (allowed.endsWith('/') && inside.startsWith(allowed)),
  )
}

function* worldBreaches(file: SourceFile, { inside, rule }: Omit<Place, 'name'>): Generator<string> {
  if (file.path === runtimeDoor) return
  for (const { name, line } of file.calls) {
    if (worldlyCalls.includes(name) || name === 'new Date') {
      yield `${file.path}:${line}: ${name} goes past the Runtime; take now, randomBytes, fetch or schedule as an argument`
    }
  }
  if (rule.dom === undefined && !rule.browserSafe) return
  if ((rule.dom ?? []).some((folder) => inside.startsWith(folder))) return
  for (const { name, line } of file.globals) {
    if (domGlobals.includes(name))
      yield `${file.path}:${line}: ${name} stands outside ${(rule.dom ?? ['a platform folder']).join(', ')}`
  }
}

/** Import cycles between files, each named once. */
function cycles(files: readonly SourceFile[]): readonly string[] {
  const known = new Set(files.map((file) => file.path))
  const edges = new Map(
    files.map((file) => [
      file.path,
      file.imports
        .filter(({ specifier, typeOnly }) => specifier.startsWith('.') && !typeOnly)
        .map(({ specifier }) => normalize(join(dirname(file.path), specifier)))
        .filter((target) => known.has(target)),
    ]),
  )
  const found: string[] = []
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start !== -1) return void found.push(`import cycle: ${[...trail.slice(start), path].join(' → ')}`)
    if (done.has(path)) return
    for (const next of edges.get(path) ?? []) walk(next, [...trail, path])
    done.add(path)
  }
  for (const path of edges.keys()) walk(path, [])
  return found
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const breaches = checkArchitecture(join(dirname(fileURLToPath(import.meta.url)), '..'))
  for (const breach of breaches) console.error(breach)
  console.log(breaches.length === 0 ? 'architecture: in order' : `architecture: ${breaches.length} breaches`)
  process.exitCode = breaches.length === 0 ? 0 : 1
}

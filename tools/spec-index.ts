/**
 * Writes docs/reference/spec-index.md: what docs/reference/spec-requirements.json asks of the server, with the test that
 * proves each, and for each specification which section is enforced where. Run it with: npm run spec-index
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(fileURLToPath(import.meta.url), '..', '..')
export const specPage = 'docs/reference/spec-index.md'
const requirementsFile = 'docs/reference/spec-requirements.json'

const numbers =
  '6749 6750 7009 7591 7592 7636 7662 8252 8414 8417 8628 8693 8705 8707 8936 9068 9101 9126 9207 9396 9449 9470 9700 9701 9728'.split(
    ' ',
  )
/** In the order of the page. */
export const specifications: readonly string[] = [
  ...numbers.map((number) => `RFC ${number}`),
  ...['OIDC Core', 'OIDC Discovery', 'OIDC Registration', 'RP-Initiated Logout', 'Session Management'],
  ...['Front-Channel Logout', 'Back-Channel Logout', 'FAPI 2.0', 'FAPI 2.0 Message Signing'],
  'Token Status List',
]

/** One mention of a section. */
export interface Citation {
  readonly spec: string
  readonly section: string
}

/** What a specification asks of a server: with its test, or with why there is none. */
export interface Requirement extends Citation {
  readonly must: string
  /** A text that stands in the file: of the test, of its row, or the name of a module of a conformance plan. */
  readonly test?: { readonly file: string; readonly title: string }
  readonly untested?: string
  readonly notOffered?: string
}

/** Every section that a text names, such as `RFC 9101 §6.2, §6.3; OIDC Core §6.1`. */
export function citations(text: string): readonly Citation[] {
  const found: Citation[] = []
  const names = specifications.map((name) => name.replaceAll('.', '\\.')).sort((a, b) => b.length - a.length)
  const mention = new RegExp(`(${names.join('|')})((?: and|[,\\s–]| to)*§[\\d.]*\\d)+`, 'g')
  for (const [whole, spec = ''] of text.matchAll(mention)) {
    for (const [, section = ''] of whole.matchAll(/§([\d.]*\d)/g)) found.push({ spec, section })
  }
  return found
}

interface Entry {
  readonly code: Set<string>
  readonly tests: Set<string>
}
type Index = Map<string, Map<string, Entry>>

function entryOf(index: Index, { spec, section }: Citation): Entry {
  const sections = index.get(spec) ?? new Map<string, Entry>()
  index.set(spec, sections)
  const entry = sections.get(section) ?? { code: new Set(), tests: new Set() }
  sections.set(section, entry)
  return entry
}

/** What a comment with `@spec` stands before, or the file where nothing is declared there. */
function enforcedBy(lines: readonly string[], at: number): string {
  for (const line of lines.slice(at, at + 8)) {
    const name = /^\s*(?:export )?(?:async )?(?:function\*?|const|interface|type|class) (\w+)/.exec(line)?.[1]
    if (name !== undefined) return name
  }
  for (let before = at; before >= 0; before--) {
    const name = /^(?:export )?(?:async )?(?:function\*?|const|interface|class) (\w+)/.exec(lines[before] ?? '')?.[1]
    if (name !== undefined) return name
  }
  return 'whole file'
}

function indexSources(index: Index, files: readonly string[]): void {
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8')
    if (file.endsWith('.test.ts') || file.endsWith('.spec.ts')) {
      for (const title of titles(text)) {
        for (const citation of citations(title)) entryOf(index, citation).tests.add(`${title} (${file})`)
      }
      continue
    }
    const kind = kindOf(file)
    if (kind === undefined) continue
    const lines = text.split('\n')
    for (const [at, line] of lines.entries()) {
      if (!line.includes('@spec')) continue
      for (const citation of citations(line.slice(line.indexOf('@spec')))) {
        entryOf(index, citation)[kind].add(`\`${enforcedBy(lines, at)}\` in ${file}`)
      }
    }
  }
}

/** What a tag in this file says: a module of a conformance plan proves; other support of tests does neither. */
export function kindOf(file: string): keyof Entry | undefined {
  if (!/(^|\/)test-[^/]*$/.test(file)) return 'code'
  return file.includes('/conformance/') ? 'tests' : undefined
}

/**
 * Titles of tests, of their groups and of their rows: every literal of one line that names a section. One that begins
 * with a section means the specification of the group that it stands in.
 */
export function titles(text: string): readonly string[] {
  const literals = text.matchAll(/(\bdescribe\(\s*)?(['"`])((?:(?!\2)[^\\\n]|\\.)*)\2/g)
  const found: string[] = []
  let spec = ''
  for (const [, group, , literal = ''] of literals) {
    const title = literal.replaceAll("\\'", "'")
    if (group !== undefined) spec = specifications.find((name) => title.startsWith(name)) ?? ''
    if (/^§/.test(title) && spec !== '') found.push(`${spec} ${title}`)
    else if (title.includes('§')) found.push(title)
  }
  return found
}

function order(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

function sectionRows(sections: ReadonlyMap<string, Entry>): readonly string[] {
  const cell = (items: ReadonlySet<string>) =>
    [...items]
      .sort(order)
      .map((item) => item.replaceAll('|', '\\|').replaceAll('<', '&lt;'))
      .join('<br>') || '–'
  return [...sections.entries()]
    .sort(([a], [b]) => order(a, b))
    .map(([section, { code, tests }]) => `| §${section} | ${cell(code)} | ${cell(tests)} |`)
}

/** What is wrong with the list: a specification nobody knows, a test that is not there, or neither test nor reason. */
export function requirementProblems(
  requirements: readonly Requirement[],
  read: (file: string) => string | null,
): readonly string[] {
  const texts = new Map<string, string | null>()
  return requirements.flatMap(({ spec, section, must, test, untested, notOffered }) => {
    const at = `${requirementsFile}: ${spec} §${section}: ${must}:`
    if (!specifications.includes(spec)) return [`${at} no such specification`]
    if ([test, untested, notOffered].filter((one) => one !== undefined).length !== 1)
      return [`${at} give one of test, untested, notOffered`]
    if (test === undefined) return []
    if (!texts.has(test.file)) texts.set(test.file, read(test.file)?.replaceAll("\\'", "'") ?? null)
    return texts.get(test.file)?.includes(test.title) ? [] : [`${at} ${test.file} has no test "${test.title}"`]
  })
}

function sentence(text = ''): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

function requirementRows(requirements: readonly Requirement[]): readonly string[] {
  const clean = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
  const proof = ({ test, untested }: Requirement) => {
    if (test !== undefined) return `${clean(test.title)} (${test.file})`
    return untested === undefined ? 'not offered' : 'no test'
  }
  return requirements.map(
    (requirement) => `| §${requirement.section} | ${clean(requirement.must)} | ${proof(requirement)} |`,
  )
}

/** The whole page. */
export function specIndex(): string {
  const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx'], {
    cwd: root,
    encoding: 'utf8',
  })
  const files = tracked
    .split('\n')
    .filter((path) => /^(packages|apps|e2e)\//.test(path) && existsSync(join(root, path)))
  const index: Index = new Map()
  indexSources(index, files.sort())
  const requirements = JSON.parse(readFileSync(join(root, requirementsFile), 'utf8')) as readonly Requirement[]
  const problems = requirementProblems(requirements, (file) =>
    existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : null,
  )
  if (problems.length > 0) throw new Error(problems.join('\n'))
  const untested = requirements.filter((requirement) => requirement.untested !== undefined)
  const notOffered = requirements.filter((requirement) => requirement.notOffered !== undefined)
  const proven = requirements.length - untested.length - notOffered.length
  return [
    '# Index of specifications',
    '',
    'Generated from `@spec` tags, test titles and [spec-requirements.json](spec-requirements.json) by `npm run spec-index`.',
    '',
    'The requirements are what the specifications ask of a server with MUST, MUST NOT, SHALL or REQUIRED, section by section',
    'and in our own words. What they ask of clients alone is left out, and so is what another row already says. Each names one',
    'test that proves it, often of several; the index is not written while a named test is missing.',
    '',
    `## Requirements: ${proven} of ${requirements.length} proven by a test`,
    '',
    `Without a test (${untested.length}):`,
    '',
    ...untested.map(({ spec, section, must, untested: why }) => `- ${spec} §${section}: ${must}. ${sentence(why)}`),
    '',
    `Not offered (${notOffered.length}):`,
    '',
    ...notOffered.map(({ spec, section, must, notOffered: why }) => `- ${spec} §${section}: ${must}. ${sentence(why)}`),
    ...specifications.flatMap((spec) => {
      const sections = index.get(spec) ?? new Map<string, Entry>()
      return [
        ...['', `## ${spec}`, '', '| section | the server | proven by |', '|---|---|---|'],
        ...requirementRows(requirements.filter((requirement) => requirement.spec === spec)),
        ...['', '| section | enforced by | tests that name it |', '|---|---|---|', ...sectionRows(sections)],
      ]
    }),
    '',
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(join(root, specPage), specIndex())

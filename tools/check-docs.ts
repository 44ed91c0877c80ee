/**
 * Keeps the documents true: every `ts` block compiles, every `json` block parses, every local link has its file,
 * and every dependency has its line in docs/reference/dependencies.md.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { errorPage, errorReference } from './error-reference.ts'
import { specIndex, specPage } from './spec-index.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const cache = join(root, 'node_modules', '.cache', 'latchkey-docs')

interface Block {
  readonly file: string
  readonly line: number
  readonly language: string
  readonly text: string
}

export function codeBlocks(file: string, markdown: string): readonly Block[] {
  const blocks: Block[] = []
  let open: { language: string; line: number; indent: number; lines: string[] } | undefined
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^(\s*)```(\S*)/.exec(line)
    if (fence === null) open?.lines.push(line.slice(Math.min(open.indent, line.length - line.trimStart().length)))
    else if (open === undefined)
      open = { language: fence[2] ?? '', line: index + 1, indent: (fence[1] ?? '').length, lines: [] }
    else {
      blocks.push({ file, line: open.line, language: open.language, text: open.lines.join('\n') })
      open = undefined
    }
  }
  return blocks
}

function* jsonBreaches(blocks: readonly Block[]): Generator<string> {
  for (const block of blocks) {
    if (block.language !== 'json') continue
    try {
      JSON.parse(block.text)
    } catch (error) {
      yield `${block.file}:${block.line}: the JSON does not parse: ${error instanceof Error ? error.message : error}`
    }
  }
}

function* linkBreaches(file: string, markdown: string): Generator<string> {
  for (const [, target = ''] of markdown.replace(/```[\s\S]*?```/g, '').matchAll(/\]\(([^)\s]+)\)/g)) {
    const path = target.split('#')[0] ?? ''
    if (path === '' || /^[a-z]+:/.test(path)) continue
    if (!existsSync(join(root, dirname(file), path))) yield `${file}: the link to ${target} leads nowhere`
  }
}

/** Each block becomes a file of its own, so that a message can be led back to its line. */
function typeScriptBreaches(blocks: readonly Block[]): readonly string[] {
  rmSync(cache, { recursive: true, force: true })
  mkdirSync(cache, { recursive: true })
  const names = new Map<string, Block>()
  for (const [index, block] of blocks.entries()) {
    if (block.language !== 'ts' && block.language !== 'tsx') continue
    const name = `block-${index}.${block.language}`
    names.set(name, block)
    writeFileSync(join(cache, name), `${block.text}\nexport {}\n`)
  }
  if (names.size === 0) return []
  const config = {
    extends: '../../../tsconfig.base.json',
    compilerOptions: {
      composite: false,
      declaration: false,
      declarationMap: false,
      noEmit: true,
      types: ['node'],
      experimentalDecorators: true,
      erasableSyntaxOnly: false,
      jsx: 'react-jsx',
    },
    include: ['*.ts', '*.tsx'],
  }
  writeFileSync(join(cache, 'tsconfig.json'), JSON.stringify(config))
  writeFileSync(join(cache, 'package.json'), '{"type":"module"}')
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const result = spawnSync(process.execPath, [tsc, '-p', cache, '--pretty', 'false'], { encoding: 'utf8', cwd: cache })
  if (result.status === 0) return []
  return result.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) =>
      line.replace(/^(block-\d+\.tsx?)\((\d+),\d+\)/, (whole, name: string, at: string) => {
        const block = names.get(name)
        return block === undefined ? whole : `${block.file}:${block.line + Number(at)}`
      }),
    )
}

function* dependencyBreaches(tracked: readonly string[]): Generator<string> {
  const page = 'docs/reference/dependencies.md'
  const listed = existsSync(join(root, page)) ? readFileSync(join(root, page), 'utf8') : ''
  const names = new Set<string>()
  for (const file of tracked.filter((path) => /(^|\/)package\.json$/.test(path))) {
    const manifest = JSON.parse(readFileSync(join(root, file), 'utf8')) as Record<
      string,
      Record<string, string> | undefined
    >
    for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']) {
      for (const name of Object.keys(manifest[kind] ?? {})) if (!/^@latchkey(-apps)?\//.test(name)) names.add(name)
    }
  }
  for (const name of names) if (!listed.includes(`\`${name}\``)) yield `${page}: no line says what ${name} is for`
  for (const [, name = ''] of listed.matchAll(/^\| `([^`]+)`/gm)) {
    if (!names.has(name)) yield `${page}: ${name} is listed and no package depends on it`
  }
}

function* errorPageBreaches(): Generator<string> {
  const written = existsSync(join(root, errorPage)) ? readFileSync(join(root, errorPage), 'utf8') : ''
  if (written !== errorReference()) yield `${errorPage}: is older than the source; write it again: npm run errors`
}

function* specPageBreaches(): Generator<string> {
  const written = existsSync(join(root, specPage)) ? readFileSync(join(root, specPage), 'utf8') : ''
  if (written !== specIndex()) yield `${specPage}: is older than the source; write it again: npm run spec-index`
}

function checkDocs(): readonly string[] {
  const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => path !== '' && existsSync(join(root, path)))
  const pages = tracked.filter((path) => path.endsWith('.md'))
  const texts = pages.map((page) => ({ page, text: readFileSync(join(root, page), 'utf8') }))
  const blocks = texts.flatMap(({ page, text }) => codeBlocks(page, text))
  return [
    ...jsonBreaches(blocks),
    ...texts.flatMap(({ page, text }) => [...linkBreaches(page, text)]),
    ...typeScriptBreaches(blocks),
    ...dependencyBreaches(tracked),
    ...errorPageBreaches(),
    ...specPageBreaches(),
  ]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const breaches = checkDocs()
  for (const breach of breaches) console.error(breach)
  console.log(breaches.length === 0 ? 'docs: true' : `docs: ${breaches.length} breaches`)
  process.exitCode = breaches.length === 0 ? 0 : 1
}

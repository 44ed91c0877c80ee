// Runs a script of this repository from a fresh clone on: installs what is missing, finds a Node that is new enough,
// then hands over. Plain JavaScript for Node 18 and later, because it runs before anything is installed.
//   node tools/run.mjs <script> [arguments…]
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureInstalled } from './install.mjs'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const bin = join(root, 'node_modules', '.bin')
const neededNode = [24, 15]

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > neededNode[0] || (major === neededNode[0] && minor >= neededNode[1])
}

/** The Node that came with the dependencies, else the one running this file; undefined when both are too old. */
function findNode() {
  const bundled = join(bin, process.platform === 'win32' ? 'node.exe' : 'node')
  if (existsSync(bundled)) {
    if (realpathSync(bundled) === realpathSync(process.execPath) && isNewEnough(process.versions.node)) return bundled
    const answer = spawnSync(bundled, ['--version'], { encoding: 'utf8' })
    if (answer.status === 0 && isNewEnough(answer.stdout.trim().slice(1))) return bundled
  }
  return isNewEnough(process.versions.node) ? process.execPath : undefined
}

function howToGetNode() {
  const steps = {
    darwin:
      'install it with "brew install node@24" and follow the hint it prints, or take the installer for macOS from https://nodejs.org/en/download',
    win32:
      'install it with "winget install OpenJS.NodeJS.LTS", or take the installer for Windows from https://nodejs.org/en/download',
    linux:
      process.arch === 'x64' || process.arch === 'arm64'
        ? `this usually comes with the dependencies, but the one for linux-${process.arch} is missing or does not run here (it needs glibc 2.28 or later). ` +
          'Delete node_modules and try again, or install Node.js 24 from https://nodejs.org/en/download (Alpine: "apk add nodejs")'
        : `none is brought along for linux-${process.arch}: install Node.js 24 from your distribution or from https://nodejs.org/en/download`,
  }
  const step = steps[process.platform] ?? 'install it from https://nodejs.org/en/download'
  return (
    `Latchkey needs Node.js ${neededNode.join('.')} or later; this is ${process.versions.node} on ${process.platform}-${process.arch}.\n` +
    `What to do: ${step}. Then open a new terminal and run the same command again.`
  )
}

/** Runs the script to its end and ends the way it ended. */
function run(node, script, scriptArguments) {
  // Paths that a person typed count from where they typed them; npm has moved to the root by now.
  const invokedFrom = process.cwd() === root ? (process.env.INIT_CWD ?? root) : process.cwd()
  const child = spawn(
    node,
    ['--conditions=source', '--disable-warning=ExperimentalWarning', resolve(root, script), ...scriptArguments],
    {
      cwd: root,
      // The channel lets the script notice when this process is killed.
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: {
        // TypeScript is stripped and compiled once, not by every process again.
        NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'latchkey', 'compiled'),
        ...process.env,
        PATH: bin + delimiter + (process.env.PATH ?? ''),
        LATCHKEY_INVOKED_FROM: invokedFrom,
      },
    },
  )
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  const forward = (signal) => child.kill(signal)
  for (const signal of signals) process.on(signal, forward)
  // npm ends its shell at a signal, and the shell dies without passing it on: then this process has a new parent.
  const parent = process.ppid
  if (process.env.npm_lifecycle_event !== undefined)
    setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 250).unref()
  child.on('error', (error) => fail(`Node.js at ${node} could not be started: ${error.message}`))
  child.on('exit', (code, signal) => {
    for (const each of signals) process.off(each, forward)
    if (signal === null) process.exit(code ?? 1)
    process.kill(process.pid, signal)
  })
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

const [script, ...scriptArguments] = process.argv.slice(2)
if (script === undefined) fail('usage: node tools/run.mjs <script> [arguments…]')
if (!isNewEnough(process.versions.node) && Number(process.versions.node.split('.')[0]) < 18) fail(howToGetNode())
const problem = await ensureInstalled(root)
if (problem !== undefined) fail(problem)
const node = findNode()
if (node === undefined) fail(howToGetNode())
if (!existsSync(resolve(root, script))) fail(`There is no ${script} in ${root}.`)
run(node, script, scriptArguments)

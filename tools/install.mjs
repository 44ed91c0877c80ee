// Installs the dependencies when they are missing or not those of package-lock.json. Plain JavaScript for Node 18 and later.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { takeInstallLock } from './install-lock.mjs'

/** @returns {Promise<string | undefined>} what went wrong and what to do, or undefined when all is installed */
export async function ensureInstalled(root) {
  const lockFile = join(root, 'package-lock.json')
  if (!existsSync(lockFile))
    return `There is no package-lock.json in ${root}: this is no whole checkout. Clone it again.`
  if (isInstalled(root)) return undefined
  let installLock
  try {
    installLock = await takeInstallLock(root, say)
  } catch (error) {
    return explain(root, String(error))
  }
  // The lock of an install that failed stays behind, so that the next one knows it must start afresh.
  try {
    const problem = isInstalled(root) ? undefined : await install(root, installLock.interrupted)
    if (problem === undefined) installLock.release()
    return problem
  } catch (error) {
    return explain(root, String(error))
  }
}

const stampOf = (root) => join(root, 'node_modules', '.latchkey-install.json')

function fingerprint(root) {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  return { lock, platform: process.platform, arch: process.arch }
}

/** Whether the stamp, which is written last of all, is that of this lock and this platform. */
function isInstalled(root) {
  try {
    const stamp = JSON.parse(readFileSync(stampOf(root), 'utf8'))
    const wanted = fingerprint(root)
    return Object.entries(wanted).every(([key, value]) => stamp[key] === value)
  } catch {
    return false
  }
}

async function install(root, interrupted) {
  const first = !existsSync(stampOf(root))
  rmSync(stampOf(root), { force: true })
  if (interrupted) {
    say('An earlier install was cut off; starting afresh.')
    clearModules(root)
  }
  const wanted = fingerprint(root)
  const title = first ? 'Installing dependencies (once, about a minute)' : 'Updating dependencies to package-lock.json'
  const outcome = await withProgress(title, () => runNpm(root))
  if (outcome.code !== 0) return explain(root, outcome.output)
  const stamp = stampOf(root)
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(`${stamp}.new`, JSON.stringify(wanted))
  renameSync(`${stamp}.new`, stamp)
  return undefined
}

/** Removes a half-made install, but not the Node that may be running this file. */
function clearModules(root) {
  const modules = join(root, 'node_modules')
  if (!existsSync(modules)) return
  const running = realpathSync(process.execPath)
  const isRunning = running.startsWith(realpathSync(modules) + sep)
  for (const entry of readdirSync(modules)) {
    if (isRunning && (entry === '.bin' || entry.startsWith('node-'))) continue
    rmSync(join(modules, entry), { recursive: true, force: true })
  }
}

/** `--no-save` keeps the committed lock as it is, even where a registry lacks packages of other platforms. */
function runNpm(root) {
  const cli = process.env.npm_execpath
  const isNpm = cli !== undefined && basename(cli).startsWith('npm-cli') && existsSync(cli)
  const options = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error', '--no-progress']
  const windows = process.platform === 'win32'
  const [command, parameters] = isNpm ? [process.execPath, [cli, ...options]] : [windows ? 'npm.cmd' : 'npm', options]
  return new Promise((done) => {
    const child = spawn(command, parameters, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: windows && !isNpm,
      env: environmentOf(root),
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output = (output + chunk).slice(-20_000)
      })
    }
    const stop = (signal) => child.kill(signal)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop)
    child.on('error', (error) => done({ code: 1, output: `${error.code} ${error.message}` }))
    child.on('close', (code, signal) => {
      for (const each of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(each, stop)
      done({ code: code ?? 1, output: signal === null ? output : `stopped by ${signal}` })
    })
  })
}

/** Without the settings that an outer npm handed down for its own command. */
function environmentOf(root) {
  const outer = Object.entries(process.env).filter(
    ([name]) =>
      !/^npm_(package|lifecycle|command|config_(local_prefix|prefix_only|omit|production|workspace))/i.test(name),
  )
  return { ...Object.fromEntries(outer), NODE_ENV: 'development', PWD: root }
}

async function withProgress(title, work) {
  const startedAt = process.hrtime.bigint()
  const elapsed = () => `${Math.round(Number(process.hrtime.bigint() - startedAt) / 1e9)} s`
  const live = process.stderr.isTTY === true
  if (!live) say(`${title} …`)
  const timer = setInterval(
    () => (live ? process.stderr.write(`\r${title} … ${elapsed()} `) : say(`  still installing, ${elapsed()}`)),
    live ? 200 : 15_000,
  )
  try {
    const outcome = await work()
    if (live) process.stderr.write(`\r\u001b[K`)
    say(outcome.code === 0 ? `✔ Dependencies installed (${elapsed()})` : `✖ Dependencies not installed (${elapsed()})`)
    return outcome
  } finally {
    clearInterval(timer)
  }
}

const reasons = [
  [/stopped by SIG/, () => 'The install was stopped. Run the same command to start it again.'],
  [
    /ENOSPC/,
    (root) =>
      `The disk is full. The dependencies need about 800 MB below ${root}: make room, then run the same command again.`,
  ],
  [/EROFS/, (root) => `${root} is on a read-only file system. Copy the checkout to a place you may write to.`],
  [
    /EACCES|EPERM/,
    (root) =>
      `The rights are wrong: every file below ${root} (and npm's own cache, "npm config get cache") must be yours. Where an earlier command ran as another user, give the files back with: sudo chown -R "$(id -u):$(id -g)" "${root}" "$(npm config get cache)"`,
  ],
  [/ENOENT.*npm|npm.*ENOENT/, () => 'npm itself was not found. It comes with Node.js: https://nodejs.org/en/download'],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENETUNREACH|EHOSTUNREACH|network/i,
    () =>
      'The package registry cannot be reached. Check the network and, behind a proxy, "npm config get proxy" and "npm config get registry"; then run the same command again.',
  ],
  [
    /CERT|self.signed|certificate/i,
    () =>
      'The certificate of the package registry is not trusted. Behind a company proxy, name its certificate with: npm config set cafile FILE',
  ],
  [
    /E401|E403/,
    () => 'The package registry refuses your account. Check "npm config get registry" and sign in with "npm login".',
  ],
  [
    /E404|ETARGET|notarget/,
    () =>
      'The package registry lacks a package. Check "npm config get registry": it must carry what the public npm registry carries.',
  ],
  [/EINTEGRITY/, () => 'A package arrived damaged. Run "npm cache verify", then the same command again.'],
]

/** @returns {string} what happened in plain words, what to do, and npm's own last lines */
function explain(root, output) {
  const reason = reasons.find(([pattern]) => pattern.test(output))
  const last = output
    .trim()
    .split('\n')
    .slice(-8)
    .map((line) => `  ${line}`)
    .join('\n')
  const what =
    reason === undefined ? 'npm could not install the dependencies; its last lines say why.' : reason[1](root)
  return `${what}\nNothing was started.\n${last}`
}

function say(line) {
  process.stderr.write(`${line}\n`)
}

/**
 * Several BFF processes, many people, every token expired at once, a slow provider with strict rotation and no grace;
 * then an outage; then processes killed at each step of a renewal. Prints what came of it and fails when anyone lost anything.
 *
 *   npm run drive:bff -- [users] [calls of each at once] [seconds of latency] [lease] [seconds of outage]
 */
import { type RenewalDrive, renewalDrive, type Wave } from '@latchkey/testing'

const [users = 200, callsEach = 50, latencySeconds = 10, leaseSeconds = 1, outageSeconds = 30] = process.argv
  .slice(2)
  .map(Number)
let failed = false

function report(name: string, wave: Wave, expected: Partial<Pick<Wave, 'statuses' | 'tokenRequests'>>): void {
  const { statuses, tokenRequests, invalidGrants, wrongAudience, seconds } = wave
  const good =
    invalidGrants === 0 &&
    wrongAudience === 0 &&
    (expected.tokenRequests ?? tokenRequests) === tokenRequests &&
    (expected.statuses === undefined || JSON.stringify(expected.statuses) === JSON.stringify(statuses))
  if (!good) failed = true
  const answers = Object.entries(statuses).map(([status, count]) => `${count} × ${status}`)
  console.log(
    `${good ? 'ok  ' : 'FAIL'} ${name.padEnd(34)} ${answers.join(', ')}; ${tokenRequests} token requests, ${invalidGrants} invalid_grant, ${wrongAudience} wrong audience, ${seconds.toFixed(1)} s`,
  )
  if (!good) for (const [problem, count] of Object.entries(wave.problems)) console.log(`     ${count} × ${problem}`)
}

async function strict(): Promise<void> {
  const options = { users, processes: 4, callsEach, latencySeconds, leaseSeconds, graceSeconds: 0 }
  const drive: RenewalDrive = await renewalDrive(options)
  const all = { statuses: { 200: users * callsEach }, tokenRequests: users * 2 }
  console.log(`${users} people × ${callsEach} calls, 4 processes, two audiences, no grace, lease ${leaseSeconds} s`)
  report(`expiry, latency 0–${latencySeconds} s`, await drive.expire(), all)
  report('the next expiry', await drive.expire(), all)
  const [during, after] = await drive.outage(outageSeconds)
  report(`outage of ${outageSeconds} s`, during, { tokenRequests: 0 })
  report('after the outage', after, all)
  await drive.close()
}

async function killed(): Promise<void> {
  const options = { users: 1, processes: 4, callsEach, latencySeconds: 1, leaseSeconds: 1, graceSeconds: 30 }
  const drive = await renewalDrive(options)
  for (const step of ['before-request', 'while-asking', 'after-answer', 'after-commit'] as const) {
    for (let round = 1; round <= 5; round++) {
      report(`kill -9 ${step}, ${round} of 5`, await drive.killAt(step), { statuses: { 200: 10 } })
    }
  }
  await drive.close()
}

/** Whoever died before it asked, or after it wrote, took nothing along: without a grace too nobody may lose anything. */
async function killedWithoutGrace(): Promise<void> {
  const options = { users: 1, processes: 4, callsEach, latencySeconds: 1, leaseSeconds: 1, graceSeconds: 0 }
  const drive = await renewalDrive(options)
  for (const step of ['before-request', 'after-commit'] as const) {
    report(`no grace, kill -9 ${step}`, await drive.killAt(step), { statuses: { 200: 10 } })
  }
  await drive.close()
}

await strict()
await killed()
await killedWithoutGrace()
process.exitCode = failed ? 1 : 0

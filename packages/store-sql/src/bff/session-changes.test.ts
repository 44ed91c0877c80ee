import { sessionStoreRecords } from '@latchkey/bff/session-store-contract'
import type { Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { afterAll, expect, test } from 'vitest'
import { createSqliteSessionStore, openSqlite } from '../index.ts'
import { temporaryFiles } from '../trials/temporary-files.ts'

const files = temporaryFiles()
afterAll(files.remove)
const { now, sessionRecord } = sessionStoreRecords

/** A runtime whose timers run when the test says that a second has passed. */
function steppedRuntime() {
  let tasks: (() => void)[] = []
  const runtime: Runtime = {
    ...systemRuntime,
    schedule(_seconds, task) {
      tasks.push(task)
      return () => {
        tasks = tasks.filter((other) => other !== task)
      }
    },
  }
  async function second(): Promise<void> {
    const due = tasks
    tasks = []
    for (const task of due) task()
    await new Promise(setImmediate)
  }
  return { runtime, second, waiting: () => tasks.length }
}

function twoNodes() {
  const file = files.next()
  const stepped = steppedRuntime()
  const here = createSqliteSessionStore(openSqlite(file), { runtime: stepped.runtime })
  const there = createSqliteSessionStore(openSqlite(file))
  return { here, there, ...stepped }
}

test('a session ended by another process is heard of within a second, once', async () => {
  const { here, there, second } = twoNodes()
  const [one, two] = [sessionRecord(), sessionRecord()]
  await there.create(one, null)
  await there.create(two, null)
  const heard: string[] = []
  here.subscribe((hash) => hash !== null && heard.push(hash))
  await second()
  expect(heard).toEqual([])
  await there.revoke({ hash: one.hash }, now)
  await second()
  expect(heard).toEqual([one.hash])
  await here.revoke({ hash: two.hash }, now)
  await second()
  await second()
  expect(heard).toEqual([one.hash, two.hash])
  await Promise.all([here.close(), there.close()])
})

test('a new subscriber hears nothing of what was before it', async () => {
  const { here, there, second } = twoNodes()
  const record = sessionRecord()
  await there.create(record, null)
  await there.revoke({ hash: record.hash }, now)
  const heard: string[] = []
  here.subscribe((hash) => hash !== null && heard.push(hash))
  await second()
  expect(heard).toEqual([])
  await Promise.all([here.close(), there.close()])
})

test('nobody looks at the file while nobody listens, and one looks for all who do', async () => {
  const { here, there, second, waiting } = twoNodes()
  expect(waiting()).toBe(0)
  const stop = [here.subscribe(() => {}), here.subscribe(() => {})]
  expect(waiting()).toBe(1)
  for (const end of stop) end()
  here.subscribe(() => {})()
  expect(waiting()).toBe(1)
  await second()
  expect(waiting()).toBe(0)
  await Promise.all([here.close(), there.close()])
})

test('a closed file is not looked at any more', async () => {
  const { here, there, second, waiting } = twoNodes()
  here.subscribe(() => {})
  await here.close()
  await second()
  expect(waiting()).toBe(0)
  await there.close()
})

import { createServer, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import express5 from 'express'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { GuardEvent } from '../guard-event.ts'
import { audience, type TestIssuer, testIssuer } from '../test-issuer.ts'
import { auth as expressAuth } from './express.ts'
import { auth as nodeAuth } from './node.ts'

let issuer: TestIssuer
let rejected: unknown[]
let decided: string[]
const note = (reason: unknown) => void rejected.push(reason)
beforeEach(async () => {
  issuer = await testIssuer()
  rejected = []
  decided = []
  process.on('unhandledRejection', note)
})
afterEach(async () => {
  process.off('unhandledRejection', note)
  await issuer.close()
})

const options = () => ({
  issuer: issuer.issuer,
  audience,
  runtime: issuer.runtime,
  onEvent: ({ type }: GuardEvent) => void decided.push(type),
})

type Door = (answered: () => void, passed: () => void) => RequestListener

/** A time limit that is over at once, then the guard. */
function onExpress(express: typeof express5): Door {
  return (answered, passed) => {
    const app = express()
    app.use((_req, res, next) => {
      next()
      res.status(504).end('too late')
      answered()
    })
    app.use(expressAuth(options()), () => passed())
    return app as RequestListener
  }
}

const onNode: Door = (answered, passed) => {
  const gate = nodeAuth(options())
  return async (req, res) => {
    const passing = gate(req, res)
    res.writeHead(504).end('too late')
    answered()
    if (await passing) passed()
  }
}

const express4 = createRequire(import.meta.url)('express4') as typeof express5
const doors: Readonly<Record<string, Door>> = {
  'Express 5': onExpress(express5),
  'Express 4': onExpress(express4),
  'bare Node': onNode,
}

describe.each(Object.entries(doors))('%s', (_name, door) => {
  test.each(['good', 'bad'])(
    'an answer that came while the guard was asking about a %s token stays, and nothing breaks',
    async (kind) => {
      let isAnswered = false
      let hasPassed = false
      const listener = door(
        () => {
          isAnswered = true
        },
        () => {
          hasPassed = true
        },
      )
      const server = createServer(listener)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as AddressInfo
      const authorization = `Bearer ${await issuer.token(kind === 'good' ? {} : { aud: 'elsewhere' })}`
      const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { authorization } })
      expect([response.status, await response.text(), isAnswered]).toEqual([504, 'too late', true])
      await expect.poll(() => decided).toEqual([kind === 'good' ? 'verified' : 'refused'])
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
      expect([hasPassed, rejected]).toEqual([false, []])
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  )
})

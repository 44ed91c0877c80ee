import fastify from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { audience, type TestIssuer, testIssuer } from '../test-issuer.ts'
import { auth, requiredScopes } from './fastify.ts'

let issuer: TestIssuer
let authorization: string
beforeEach(async () => {
  issuer = await testIssuer()
  authorization = `Bearer ${await issuer.token()}`
})
afterEach(() => issuer.close())

const gateOf = () => auth({ issuer: issuer.issuer, audience, runtime: issuer.runtime })

test.each(['onRequest', 'preValidation', 'preHandler'] as const)(
  'as a hook of the whole application (%s) the gate lets a token pass when it comes first and again, and no other',
  async (name) => {
    const app = fastify()
    app.addHook(name as 'preHandler', gateOf())
    app.addHook(name as 'preHandler', requiredScopes('read:messages'))
    let handled = 0
    app.get('/messages', async (request) => ({ sub: request.auth?.payload.sub, handled: ++handled }))
    for (const time of [1, 2, 3]) {
      const answer = await app.inject({ url: '/messages', headers: { authorization } })
      expect(answer.json()).toEqual({ sub: 'alice', handled: time })
    }
    const poor = `Bearer ${await issuer.token({ scope: 'other' })}`
    for (const time of [401, 403, 403]) {
      const headers = time === 401 ? {} : { authorization: poor }
      expect((await app.inject({ url: '/messages', headers })).statusCode).toBe(time)
    }
    expect(handled).toBe(3)
  },
)

test('called by hand, without done, the gate is awaited and says by the reply whether it answered', async () => {
  const app = fastify()
  const gate = gateOf()
  app.get<{ Querystring: { page?: string } }>(
    '/messages',
    {
      preHandler: async (request, reply) => {
        await gate(request, reply)
        if (reply.sent) return reply
        return undefined
      },
    },
    async (request) => ({ sub: request.auth?.payload.sub }),
  )
  for (let time = 0; time < 2; time++) {
    const answer = await app.inject({ url: '/messages', headers: { authorization } })
    expect(answer.json()).toEqual({ sub: 'alice' })
  }
  expect((await app.inject({ url: '/messages' })).statusCode).toBe(401)
})

test('a handler that fails behind the gate is answered once, by the error handler', async () => {
  const app = fastify()
  const seen: string[] = []
  app.setErrorHandler((error, _request, reply) => {
    seen.push((error as Error).message)
    return reply.code(418).send('failed')
  })
  app.get('/messages', { preHandler: gateOf() }, () => {
    throw new Error('of the application')
  })
  for (let time = 0; time < 2; time++) {
    expect((await app.inject({ url: '/messages', headers: { authorization } })).statusCode).toBe(418)
  }
  expect(seen).toEqual(['of the application', 'of the application'])
})

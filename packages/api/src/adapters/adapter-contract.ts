import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Controller, Get, HttpCode, Module, Post, Req, type Type, UseGuards } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import express5 from 'express'
import fastify, { type FastifyInstance } from 'fastify'
import { Hono } from 'hono'
import type { ApiGuardOptions } from '../api-guard.ts'
import type { ProtectedResourceOptions } from '../protected-resource.ts'
import * as onExpress from './express.ts'
import * as onFastify from './fastify.ts'
import * as onHono from './hono.ts'
import * as onNest from './nest.ts'
import * as onNext from './next.ts'
import * as onNode from './node.ts'

/** One application in one framework, guarded by its adapter: the same routes everywhere. */
export interface TestApp {
  readonly origin: string
  close(): Promise<void>
}

export interface TestAppOptions {
  readonly guard: ApiGuardOptions
  /** A second guard, for `/optional`: anonymous requests pass. */
  readonly optional: ApiGuardOptions
  readonly metadata: ProtectedResourceOptions
  /** Speaks https and asks for client certificates. */
  readonly tls?: Tls | undefined
}

export interface Tls {
  readonly key: string
  readonly cert: string
}

const asking = (tls: Tls) => ({ ...tls, requestCert: true, rejectUnauthorized: false })

/** Express 4 brings no types of its own under this name. */
const express4 = createRequire(import.meta.url)('express4') as typeof express5

type Auth = { readonly payload: { readonly sub: string }; readonly scheme: string }
const seen = (auth: Auth | undefined) => ({ sub: auth?.payload.sub ?? null, scheme: auth?.scheme ?? null })

async function listening(listener: RequestListener, tls: Tls | undefined): Promise<TestApp> {
  const server = tls === undefined ? createServer(listener) : createTlsServer(asking(tls), listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http${tls === undefined ? '' : 's'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function expressApp(express: typeof express5) {
  return async ({ guard, optional, metadata, tls }: TestAppOptions): Promise<TestApp> => {
    const app = express()
    const authenticated = onExpress.auth(guard)
    const send: express5.RequestHandler = (req, res) => void res.json(seen(req.auth))
    app.use(onExpress.resourceMetadata(metadata))
    app.use(express.urlencoded({ extended: false }) as express5.RequestHandler, express.json())
    app.all('/external', authenticated, send)
    app.get('/messages', authenticated, onExpress.requiredScopes('read:messages'), send)
    app.get('/any', authenticated, onExpress.scopeIncludesAny('admin read:messages'), send)
    app.get('/tenant', authenticated, onExpress.claimEquals('tenant', 'acme'), send)
    app.get('/roles', authenticated, onExpress.claimIncludes('roles', 'reader'), send)
    app.get(
      '/check',
      authenticated,
      onExpress.claimCheck(({ sub }) => sub === 'alice', 'only Alice may'),
      send,
    )
    app.get('/strong', authenticated, onExpress.stepUp({ acrValues: ['mfa'], maxAgeSeconds: 300 }), send)
    app.get('/forgotten', onExpress.requiredScopes('read:messages'), send)
    app.get('/optional', onExpress.auth(optional), send)
    return listening(app as RequestListener, tls)
  }
}

async function fastifyApp({ guard, optional, metadata, tls }: TestAppOptions): Promise<TestApp> {
  const app = tls === undefined ? fastify() : (fastify({ https: asking(tls) }) as unknown as FastifyInstance)
  const authenticated = onFastify.auth(guard)
  const send = async (request: { auth?: Auth }) => seen(request.auth)
  const behind = (...gates: onFastify.FastifyGate[]) => ({ preHandler: gates })
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(body as string))),
  )
  app.route(onFastify.resourceMetadata(metadata))
  app.get('/external', behind(authenticated), send)
  app.post('/external', behind(authenticated), send)
  app.get('/messages', behind(authenticated, onFastify.requiredScopes('read:messages')), send)
  app.get('/any', behind(authenticated, onFastify.scopeIncludesAny('admin read:messages')), send)
  app.get('/tenant', behind(authenticated, onFastify.claimEquals('tenant', 'acme')), send)
  app.get('/roles', behind(authenticated, onFastify.claimIncludes('roles', 'reader')), send)
  app.get(
    '/check',
    behind(
      authenticated,
      onFastify.claimCheck(({ sub }) => sub === 'alice', 'only Alice may'),
    ),
    send,
  )
  app.get('/strong', behind(authenticated, onFastify.stepUp({ acrValues: ['mfa'], maxAgeSeconds: 300 })), send)
  app.get('/forgotten', behind(onFastify.requiredScopes('read:messages')), send)
  app.get('/optional', behind(onFastify.auth(optional)), send)
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  return { origin, close: () => app.close() }
}

async function honoApp({ guard, optional, metadata, tls }: TestAppOptions): Promise<TestApp> {
  const app = new Hono()
  const authenticated = onHono.auth(guard)
  app.use(onHono.resourceMetadata(metadata))
  app.all('/external', authenticated, (c) => c.json(seen(c.get('auth'))))
  app.get('/messages', authenticated, onHono.requiredScopes('read:messages'), (c) => c.json(seen(c.get('auth'))))
  app.get('/any', authenticated, onHono.scopeIncludesAny('admin read:messages'), (c) => c.json(seen(c.get('auth'))))
  app.get('/tenant', authenticated, onHono.claimEquals('tenant', 'acme'), (c) => c.json(seen(c.get('auth'))))
  app.get('/roles', authenticated, onHono.claimIncludes('roles', 'reader'), (c) => c.json(seen(c.get('auth'))))
  const onlyAlice = onHono.claimCheck(({ sub }) => sub === 'alice', 'only Alice may')
  app.get('/check', authenticated, onlyAlice, (c) => c.json(seen(c.get('auth'))))
  const strong = onHono.stepUp({ acrValues: ['mfa'], maxAgeSeconds: 300 })
  app.get('/strong', authenticated, strong, (c) => c.json(seen(c.get('auth'))))
  app.get('/forgotten', onHono.requiredScopes('read:messages'), (c) => c.json(seen(c.get('auth'))))
  app.get('/optional', onHono.auth(optional), (c) => c.json(seen(c.get('auth'))))
  return fetchApp((request, env) => app.fetch(request, env), tls)
}

type FetchHandler = (request: Request, env: object) => Response | Promise<Response>

async function fetchApp(handler: FetchHandler, tls: Tls | undefined): Promise<TestApp> {
  const secure = tls === undefined ? {} : { createServer: createTlsServer, serverOptions: asking(tls) }
  const server = createAdaptorServer({ fetch: handler, ...secure })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http${tls === undefined ? '' : 's'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      if ('closeAllConnections' in server) server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function nextApp({ guard, optional, metadata, tls }: TestAppOptions): Promise<TestApp> {
  const protect = onNext.auth(guard)
  const send: onNext.GuardedHandler<Request, object> = (_request, { auth }) => Response.json(seen(auth))
  const routes: Readonly<Record<string, (request: Request) => Response | Promise<Response>>> = {
    '/.well-known/oauth-protected-resource': onNext.resourceMetadata(metadata),
    '/external': protect(send),
    '/messages': protect(send, onNext.requiredScopes('read:messages')),
    '/any': protect(send, onNext.scopeIncludesAny('admin read:messages')),
    '/tenant': protect(send, onNext.claimEquals('tenant', 'acme')),
    '/roles': protect(send, onNext.claimIncludes('roles', 'reader')),
    '/check': protect(
      send,
      onNext.claimCheck(({ sub }) => sub === 'alice', 'only Alice may'),
    ),
    '/strong': protect(send, onNext.stepUp({ acrValues: ['mfa'], maxAgeSeconds: 300 })),
    '/optional': onNext.auth(optional)(send),
    '/forgotten': onNext.auth(optional)(send, onNext.requiredScopes('read:messages')),
  }
  return fetchApp(async (request) => {
    return (await routes[new URL(request.url).pathname]?.(request)) ?? new Response(null, { status: 404 })
  }, tls)
}

async function nodeApp({ guard, optional, metadata, tls }: TestAppOptions): Promise<TestApp> {
  const authenticated = onNode.auth(guard)
  const metadataGate = onNode.resourceMetadata(metadata)
  const gates: Readonly<Record<string, readonly onNode.NodeGate[]>> = {
    '/external': [authenticated],
    '/messages': [authenticated, onNode.requiredScopes('read:messages')],
    '/any': [authenticated, onNode.scopeIncludesAny('admin read:messages')],
    '/tenant': [authenticated, onNode.claimEquals('tenant', 'acme')],
    '/roles': [authenticated, onNode.claimIncludes('roles', 'reader')],
    '/check': [authenticated, onNode.claimCheck(({ sub }) => sub === 'alice', 'only Alice may')],
    '/strong': [authenticated, onNode.stepUp({ acrValues: ['mfa'], maxAgeSeconds: 300 })],
    '/forgotten': [onNode.requiredScopes('read:messages')],
    '/optional': [onNode.auth(optional)],
  }
  const listener: RequestListener = async (req, res) => {
    await parseForm(req)
    for (const gate of [metadataGate, ...(gates[(req.url ?? '').split('?', 1)[0] ?? ''] ?? [])]) {
      if (!(await gate(req, res))) return
    }
    res.setHeader('content-type', 'application/json')
    res.end(JSON.stringify(seen(req.auth)))
  }
  return listening(listener, tls)
}

/** What somebody on bare Node does to a body, of whatever type. */
async function parseForm(req: IncomingMessage & { body?: unknown }): Promise<void> {
  if (req.method !== 'POST') return
  let text = ''
  for await (const chunk of req) text += String(chunk)
  const isJson = req.headers['content-type'] === 'application/json'
  req.body = isJson ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text))
}

async function nestApp({ guard, optional, metadata, tls }: TestAppOptions): Promise<TestApp> {
  class Routes {}
  const authenticated = onNest.auth(guard)
  const document = onNest.resourceMetadata(metadata)
  const route = (path: string, gates: Parameters<typeof UseGuards>, answer?: object) => {
    const handler = (request: { auth?: Auth }) => answer ?? seen(request.auth)
    const name = path.replaceAll(/\W/g, '_')
    const descriptor = { value: handler, writable: true, configurable: true, enumerable: true }
    Object.defineProperty(Routes.prototype, name, descriptor)
    Req()(Routes.prototype, name, 0)
    Get(path)(Routes.prototype, name, descriptor)
    UseGuards(...gates)(Routes.prototype, name, descriptor)
  }
  route(document.path, [], document.document)
  route('/external', [authenticated])
  route('/messages', [authenticated, onNest.requiredScopes('read:messages')])
  route('/any', [authenticated, onNest.scopeIncludesAny('admin read:messages')])
  route('/tenant', [authenticated, onNest.claimEquals('tenant', 'acme')])
  route('/roles', [authenticated, onNest.claimIncludes('roles', 'reader')])
  route('/check', [authenticated, onNest.claimCheck(({ sub }) => sub === 'alice', 'only Alice may')])
  route('/strong', [authenticated, onNest.stepUp({ acrValues: ['mfa'], maxAgeSeconds: 300 })])
  route('/forgotten', [onNest.requiredScopes('read:messages')])
  route('/optional', [onNest.auth(optional)])
  const posted = { value: (request: { auth?: Auth }) => seen(request.auth), writable: true, configurable: true }
  Object.defineProperty(Routes.prototype, 'posted', posted)
  Req()(Routes.prototype, 'posted', 0)
  HttpCode(200)(Routes.prototype, 'posted', posted)
  Post('/external')(Routes.prototype, 'posted', posted)
  UseGuards(authenticated)(Routes.prototype, 'posted', posted)
  Controller()(Routes)
  class Root {}
  Module({ controllers: [Routes as Type] })(Root)
  const secure = tls === undefined ? {} : { httpsOptions: asking(tls) }
  const app = await NestFactory.create(Root, { logger: false, ...secure })
  await app.listen(0, '127.0.0.1')
  return { origin: (await app.getUrl()).replace('[::1]', '127.0.0.1'), close: () => app.close() }
}

export const testApps: Readonly<Record<string, (options: TestAppOptions) => Promise<TestApp>>> = {
  'Express 5': expressApp(express5),
  'Express 4': expressApp(express4),
  Fastify: fastifyApp,
  Hono: honoApp,
  NestJS: nestApp,
  'Next route handlers': nextApp,
  'bare Node': nodeApp,
}

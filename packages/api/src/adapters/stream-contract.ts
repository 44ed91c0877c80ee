import { createServer, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Controller, Get, Module, Req, Res, type Type, UseGuards } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import express5 from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import type { ApiGuard } from '../api-guard.ts'
import type { EventSource } from '../streams/event-stream.ts'
import * as onExpress from './express.ts'
import * as onFastify from './fastify.ts'
import * as onHono from './hono.ts'
import * as onNest from './nest.ts'
import * as onNext from './next.ts'
import * as onNode from './node.ts'

/** An application with one stream, `/events`, in one framework. */
export interface StreamApp {
  readonly origin: string
  close(): Promise<void>
}

type CreateStreamApp = (guard: ApiGuard, source: EventSource) => Promise<StreamApp>

const express4 = createRequire(import.meta.url)('express4') as typeof express5

type Server = Pick<ReturnType<typeof createServer>, 'listen' | 'address' | 'close' | 'closeAllConnections'>

async function listening(server: Server): Promise<StreamApp> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function expressApp(express: typeof express5): CreateStreamApp {
  return (guard, source) => {
    const app = express()
    app.get('/events', onExpress.auth(guard), (req, res) => void onExpress.sendEvents(req, res, source))
    return listening(createServer(app as RequestListener))
  }
}

const fastifyApp: CreateStreamApp = async (guard, source) => {
  const app = fastify({ forceCloseConnections: true })
  const preHandler = [onFastify.auth(guard)]
  app.get('/events', { preHandler }, (request, reply) => onFastify.sendEvents(request, reply, source))
  return { origin: await app.listen({ host: '127.0.0.1', port: 0 }), close: () => app.close() }
}

const honoApp: CreateStreamApp = (guard, source) => {
  const app = new Hono()
  app.get('/events', onHono.auth(guard), (c) => onHono.eventStream(c, source))
  return listening(createAdaptorServer({ fetch: app.fetch }) as Server)
}

const nextApp: CreateStreamApp = (guard, source) => {
  const handler = onNext.auth(guard)((_request, { auth }) =>
    auth === undefined ? new Response(null, { status: 500 }) : onNext.eventStream(auth, source),
  )
  return listening(createAdaptorServer({ fetch: (request) => handler(request) }) as Server)
}

const nodeApp: CreateStreamApp = (guard, source) => {
  const gate = onNode.auth(guard)
  return listening(
    createServer(async (req, res) => {
      if (await gate(req, res)) await onNode.sendEvents(req, res, source)
    }),
  )
}

const nestApp: CreateStreamApp = async (guard, source) => {
  class Routes {}
  const value = (...given: Parameters<typeof onNest.sendEvents>) => onNest.sendEvents(given[0], given[1], source)
  const descriptor = { value, writable: true, configurable: true, enumerable: true }
  Object.defineProperty(Routes.prototype, 'events', descriptor)
  Req()(Routes.prototype, 'events', 0)
  Res()(Routes.prototype, 'events', 1)
  Get('/events')(Routes.prototype, 'events', descriptor)
  UseGuards(onNest.auth(guard))(Routes.prototype, 'events', descriptor)
  Controller()(Routes)
  class Root {}
  Module({ controllers: [Routes as Type] })(Root)
  const app = await NestFactory.create(Root, { logger: false, forceCloseConnections: true })
  await app.listen(0, '127.0.0.1')
  return { origin: (await app.getUrl()).replace('[::1]', '127.0.0.1'), close: () => app.close() }
}

export const streamApps: Readonly<Record<string, CreateStreamApp>> = {
  'Express 5': expressApp(express5),
  'Express 4': expressApp(express4),
  Fastify: fastifyApp,
  Hono: honoApp,
  NestJS: nestApp,
  'Next route handlers': nextApp,
  'bare Node': nodeApp,
}

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseConfig } from '@latchkey/cli'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { configFile, writeDemoConfig } from './demo-config.ts'
import { loadTourState } from './tour-state.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey tour '))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('passwords and keys are made up once, kept for the owner alone, and the same after a restart', () => {
  const state = loadTourState(folder)
  expect(state.alicePassword).toMatch(/^[a-z]+(-[a-z]+){3}$/)
  expect(Buffer.from(state.bffSessionKey, 'base64url')).toHaveLength(32)
  expect(statSync(join(folder, 'tour.json')).mode & 0o777).toBe(0o600)
  expect(loadTourState(folder)).toEqual(state)
})

test('what an earlier version did not know is added, what it knew stays', () => {
  writeFileSync(join(folder, 'tour.json'), JSON.stringify({ alicePassword: 'kept' }))
  const state = loadTourState(folder)
  expect(state.alicePassword).toBe('kept')
  expect(loadTourState(folder)).toEqual(state)
})

test('a damaged file is named, not overwritten', () => {
  writeFileSync(join(folder, 'tour.json'), '{')
  expect(() => loadTourState(folder)).toThrow(/tour\.json is damaged/)
  expect(readFileSync(join(folder, 'tour.json'), 'utf8')).toBe('{')
})

test('the written configuration is one the server reads, with every address in its place', () => {
  const addresses = {
    provider: 'http://127.0.0.1:8001',
    api: 'http://127.0.0.1:3002',
    angular: 'http://127.0.0.1:4201',
    react: 'http://127.0.0.1:5174',
    bff: 'http://127.0.0.1:6002',
  }
  writeDemoConfig({ folder, addresses, state: loadTourState(folder) })
  const text = readFileSync(configFile(folder), 'utf8')
  const config = parseConfig({ name: 'config.json', text, directory: folder, environment: {} })
  expect(config).toMatchObject({ issuer: addresses.provider, listen: { port: 8001 }, warnings: [] })
  const redirects = Object.fromEntries(config.clients.map((client) => [client.client_id, client.redirect_uris]))
  expect(redirects['demo-angular']).toContain('http://127.0.0.1:4201/callback')
  expect(redirects['demo-react']).toContain('http://127.0.0.1:5174/callback')
  expect(redirects['demo-bff']).toContain('http://127.0.0.1:6002/bff/callback')
  expect(config.clients.find((client) => client.client_id === 'demo-angular')?.token_endpoint_auth_method).toBe('none')
})

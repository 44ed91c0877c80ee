import { ConfigError } from '@latchkey/protocol'
import { expect, test } from 'vitest'
import { readSettings } from './settings.ts'

const environment = {
  ISSUER: 'http://127.0.0.1:8000/',
  CLIENT_ID: 'demo-angular',
  AUDIENCE: 'https://api.example.com',
  API_URL: 'http://127.0.0.1:3001',
}

test('the environment alone configures the demo, with a port and host of its own where it names none', () => {
  expect(readSettings(environment, 4200)).toEqual({
    port: 4200,
    host: '127.0.0.1',
    issuer: 'http://127.0.0.1:8000/',
    clientId: 'demo-angular',
    audience: 'https://api.example.com',
    apiUrl: 'http://127.0.0.1:3001',
    bffUrl: '',
  })
})

test('every wrong or missing variable is named at once', () => {
  const problems = (() => {
    try {
      readSettings({ PORT: 'x', ISSUER: 'id.example.com', CLIENT_ID: ' ' }, 4200)
    } catch (error) {
      if (error instanceof ConfigError) return error.problems.map((problem) => problem.split(' ', 1)[0])
    }
    return []
  })()
  expect(problems).toEqual(['PORT', 'ISSUER', 'CLIENT_ID', 'AUDIENCE', 'API_URL'])
})

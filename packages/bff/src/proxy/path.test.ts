import { expect, test } from 'vitest'
import { readPath } from './path.ts'

test.each([
  '/api/../admin',
  '/api/./admin',
  '/api/..',
  '/api/%2e%2e/admin',
  '/api/%2E./admin',
  '/api/%252e%252e/admin',
  '/api/..%2fadmin',
  '/api/a%2fb',
  '/api/a%252Fb',
  '/api/a%5cb',
  '/api\\admin',
  '/api/..\\admin',
  '/api//admin',
  '//api/admin',
  '/api/..;/admin',
  '/api/%00',
  '/api/%',
  '/api/%c0%af',
  'api/admin',
])('features 54: the path %j, which two servers could read differently, is ambiguous', (path) => {
  expect(readPath(path).kind).toBe('ambiguous')
})

test.each([
  ['/', []],
  ['/api', ['api']],
  ['/api/', ['api']],
  ['/%61pi/messages', ['api', 'messages']],
  ['/api/50%25', ['api', '50%']],
  ['/api/v1;x=1/a.b/..c', ['api', 'v1;x=1', 'a.b', '..c']],
])('the plain path %j has its decoded segments', (path, segments) => {
  expect(readPath(path)).toMatchObject({ kind: 'plain', segments })
})

import type { ProviderEvent } from '@latchkey/provider'
import { expect, test } from 'vitest'
import { logLine } from './log.ts'

const event: ProviderEvent = {
  type: 'token.issued',
  at: 1_700_000_000.25,
  requestId: 'r1',
  clientId: 'web',
  grantType: 'refresh_token',
  detail: 'two words\nand a line',
}

test('log "json": one object a line, in the field’s names', () => {
  expect(JSON.parse(logLine('json', event) ?? '')).toEqual({
    time: '2023-11-14T22:13:20.250Z',
    type: 'token.issued',
    request_id: 'r1',
    client_id: 'web',
    grant_type: 'refresh_token',
    detail: 'two words\nand a line',
  })
})

test('log "text": what came from outside cannot start a line of its own', () => {
  expect(logLine('text', event)).toBe(
    '2023-11-14T22:13:20.250Z token.issued request_id=r1 client_id=web grant_type=refresh_token detail="two words\\nand a line"',
  )
})

test('log "none": nothing', () => {
  expect(logLine('none', event)).toBeNull()
})

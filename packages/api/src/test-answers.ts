import { expect } from 'vitest'
import { challengeOf, type Expected } from './test-requests.ts'

/** Status, challenge, headers and body of an answer, to the letter. */
export async function expectAnswer(response: Response, expected: Expected): Promise<void> {
  const text = await response.text()
  const body = JSON.parse(text) as Record<string, unknown>
  expect({ status: response.status, error: body.error }).toEqual({ status: expected.status, error: expected.error })
  if (expected.status < 300) return
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(body).toMatchObject({ type: 'about:blank', status: expected.status, title: expect.any(String) })
  if (expected.detail !== undefined) expect(body.detail).toBe(expected.detail)
  expect(response.headers.get('www-authenticate')).toBe(expected.status < 500 ? challengeOf(expected) : null)
  expect(text).not.toMatch(/at .*\(|node_modules|eyJ/) // features 37
}

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Form } from './form.ts'
import { OAuthError } from './oauth-error.ts'

test('RFC 6749 §3.2: a parameter given twice is refused and named', () => {
  expect(() => Form.parse('grant_type=a&grant_type=b')).toThrow('"grant_type" is given more than once')
})

test('RFC 6749 §3.2: an empty parameter counts as absent', () => {
  const form = Form.parse('state=&scope=openid&&=x')
  expect(form.has('state')).toBe(false)
  expect(form.get('scope')).toBe('openid')
  expect(() => form.require('state')).toThrow('"state" is missing')
})

test('RFC 8707 §2: resource may stand several times', () => {
  expect(Form.parse('resource=https%3A%2F%2Fa&resource=https%3A%2F%2Fb').all('resource')).toEqual([
    'https://a',
    'https://b',
  ])
})

test('plus signs and percent-encoding are undone once', () => {
  expect(Form.parse('scope=openid+profile%2Bx&n%61me=%2525').get('scope')).toBe('openid profile+x')
  expect(Form.parse('n%61me=%2525').get('name')).toBe('%25')
})

test('a name of an object prototype is a name like any other', () => {
  expect(Form.parse('__proto__=x&constructor=y').get('constructor')).toBe('y')
  expect(Form.parse('a=b').get('toString')).toBeUndefined()
})

test('whatever the bytes, a form is read or refused as invalid_request', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      try {
        const form = Form.parse(text)
        expect(Form.parse(form.toString()).names()).toEqual(form.names())
      } catch (error) {
        expect(error).toBeInstanceOf(OAuthError)
        expect((error as OAuthError).code).toBe('invalid_request')
      }
    }),
    { numRuns: 2000 },
  )
})

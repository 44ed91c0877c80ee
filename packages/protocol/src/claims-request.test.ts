import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fulfils, parseClaimsRequest, wantedValues } from './claims-request.ts'
import { OAuthError } from './oauth-error.ts'

describe('OIDC Core §5.5: the claims parameter', () => {
  test('names claims for the ID token and for userinfo, with what is asked of each', () => {
    const text = JSON.stringify({
      userinfo: { email: null, nickname: { essential: true }, 'https://example.com/x': { value: 1 } },
      id_token: { acr: { essential: true, values: ['gold', 'silver'] }, auth_time: { essential: true } },
    })
    expect(parseClaimsRequest(text)).toEqual(JSON.parse(text))
  })

  test('what is absent asks for nothing', () => {
    expect(parseClaimsRequest(undefined)).toBeUndefined()
    expect(parseClaimsRequest('{}')).toEqual({})
    expect(parseClaimsRequest('{"id_token":null}')).toEqual({ id_token: {} })
  })

  test('members that are not understood are ignored', () => {
    expect(parseClaimsRequest('{"other":1,"userinfo":{"name":{"purpose":"why"}}}')).toEqual({ userinfo: { name: {} } })
  })

  test.each([
    ['{', 'is no JSON'],
    ['[]', 'must be a JSON object'],
    ['null', 'must be a JSON object'],
    ['{"id_token":[]}', '"id_token"'],
    ['{"userinfo":{"name":true}}', '"userinfo.name"'],
    ['{"userinfo":{"name":{"essential":"yes"}}}', '"userinfo.name.essential"'],
    ['{"id_token":{"acr":{"values":"gold"}}}', '"id_token.acr.values"'],
    [`{"id_token":{"a":{"value":"${'x'.repeat(9000)}"}}}`, 'longer'],
    [
      JSON.stringify({ userinfo: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`c${n}`, null])) }),
      'more than 100',
    ],
  ])('%.40s is refused', (text, says) => {
    expect(() => parseClaimsRequest(text)).toThrow(OAuthError)
    expect(() => parseClaimsRequest(text)).toThrow(says)
  })

  test('any text is either read or refused as invalid_request', () => {
    const json = fc.oneof(
      fc.json(),
      fc.record({ id_token: fc.jsonValue(), userinfo: fc.jsonValue() }).map((v) => JSON.stringify(v)),
    )
    fc.assert(
      fc.property(json, (text) => {
        try {
          parseClaimsRequest(text)
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_request' })
        }
      }),
    )
  })
})

describe('OIDC Core §5.5.1: value and values', () => {
  test('value asks for one, values for one of several, neither for any', () => {
    expect(wantedValues({ value: 'gold' })).toEqual(['gold'])
    expect(wantedValues({ values: ['gold', 'silver'] })).toEqual(['gold', 'silver'])
    expect(wantedValues({ essential: true })).toBeUndefined()
    expect(wantedValues(null)).toBeUndefined()
  })

  test('a claim fulfils a request when it has a wanted value', () => {
    expect(fulfils({ values: ['gold', 'silver'] }, 'silver')).toBe(true)
    expect(fulfils({ values: ['gold'] }, 'silver')).toBe(false)
    expect(fulfils({ value: { a: [1] } }, { a: [1] })).toBe(true)
    expect(fulfils({ value: 'gold' }, undefined)).toBe(false)
    expect(fulfils(null, 'any')).toBe(true)
    expect(fulfils({ essential: true }, undefined)).toBe(false)
  })
})

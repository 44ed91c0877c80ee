/**
 * Answers `client_id session_state` with `unchanged`, `changed` or `error`. In the words of ECMAScript 5, like the script
 * of the pages, and with a SHA-256 of its own: a frame in an old engine, or on a page without https, has none to call.
 * @spec Session Management §3.2
 */
export const checkSessionScript = `(function () {
  'use strict'
  var cookieName = document.documentElement.getAttribute('data-cookie')
  function browserState() {
    var pairs = document.cookie.split('; ')
    for (var index = 0; index < pairs.length; index++) {
      var equals = pairs[index].indexOf('=')
      if (pairs[index].slice(0, equals) === cookieName) return pairs[index].slice(equals + 1)
    }
    return ''
  }
  // The first 32 bits of the fractional parts of square roots (a power of 1/2) and cube roots (1/3) of primes.
  function fraction(prime, power) {
    var root = Math.pow(prime, power)
    return ((root - Math.floor(root)) * 4294967296) | 0
  }
  var state = []
  var constants = []
  for (var number = 2; constants.length < 64; number++) {
    var divisor = 2
    while (number % divisor !== 0) divisor++
    if (divisor !== number) continue
    if (state.length < 8) state.push(fraction(number, 1 / 2))
    constants.push(fraction(number, 1 / 3))
  }
  function turned(word, bits) {
    return (word >>> bits) | (word << (32 - bits))
  }
  function addBlock(hash, words) {
    for (var i = 16; i < 64; i++) {
      var x = words[i - 15]
      var y = words[i - 2]
      var s0 = turned(x, 7) ^ turned(x, 18) ^ (x >>> 3)
      var s1 = turned(y, 17) ^ turned(y, 19) ^ (y >>> 10)
      words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0
    }
    var v = hash.slice()
    for (var round = 0; round < 64; round++) {
      var choice = (v[4] & v[5]) ^ (~v[4] & v[6])
      var majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])
      var mixed = turned(v[4], 6) ^ turned(v[4], 11) ^ turned(v[4], 25)
      var first = (v[7] + mixed + choice + constants[round] + words[round]) | 0
      var second = ((turned(v[0], 2) ^ turned(v[0], 13) ^ turned(v[0], 22)) + majority) | 0
      v = [(first + second) | 0, v[0], v[1], v[2], (v[3] + first) | 0, v[4], v[5], v[6]]
    }
    return hash.map(function (word, index) { return (word + v[index]) | 0 })
  }
  /** Of a text in UTF-8, one character a byte; in base64url. */
  function sha256(text) {
    var bytes = text.length
    var blocks = ((bytes + 8) >>> 6) + 1
    var hash = state
    for (var block = 0; block < blocks; block++) {
      var words = []
      for (var index = 0; index < 64; index++) {
        var at = block * 64 + index
        var code = at < bytes ? text.charCodeAt(at) : at === bytes ? 128 : 0
        words[index >> 2] = (words[index >> 2] << 8) | code
      }
      if (block === blocks - 1) {
        words[14] = Math.floor(bytes / 536870912)
        words[15] = bytes << 3
      }
      hash = addBlock(hash, words)
    }
    return base64url(hash)
  }
  function base64url(hash) {
    var alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    var text = ''
    for (var bit = 0; bit < 256; bit += 6) {
      var sextet = 0
      for (var offset = bit; offset < bit + 6; offset++) {
        sextet = (sextet << 1) | (offset < 256 ? (hash[offset >> 5] >>> (31 - (offset & 31))) & 1 : 0)
      }
      text += alphabet.charAt(sextet)
    }
    return text
  }
  function judge(message, origin) {
    var match = typeof message === 'string' ? /^(.+) ([^ .]+)\\.([^ .]+)$/.exec(message) : null
    if (match === null) return 'error'
    var text = unescape(encodeURIComponent([match[1], origin, browserState(), match[3]].join(' ')))
    return sha256(text) === match[2] ? 'unchanged' : 'changed'
  }
  window.addEventListener('message', function (event) {
    if (event.source === null || event.source === window) return
    var answer = 'error'
    try {
      answer = judge(event.data, event.origin)
    } catch (failure) {
      answer = 'error'
    }
    event.source.postMessage(answer, event.origin)
  })
})()
`

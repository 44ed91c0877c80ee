const headers = [
  { key: 'x-content-type-options', value: 'nosniff' },
  { key: 'x-frame-options', value: 'DENY' },
  { key: 'referrer-policy', value: 'same-origin' },
  { key: 'cross-origin-opener-policy', value: 'same-origin' },
]

export default {
  poweredByHeader: false,
  reactStrictMode: true,
  headers: async () => [{ source: '/:path*', headers }],
  webpack(config, { isServer }) {
    // The house's packages are left to Node, which reads them from source here; an application of yours needs none of this.
    if (isServer) config.externals.push(leaveToNode)
    return config
  },
}

function leaveToNode({ request }, done) {
  if (request.startsWith('@latchkey/')) done(null, `module ${request}`)
  else done()
}

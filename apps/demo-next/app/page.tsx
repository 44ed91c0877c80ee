import { headers } from 'next/headers'
import { core } from '../src/core.ts'
import { Ping } from './ping.tsx'

export default async function Page() {
  const request = { headers: await headers() }
  const person = await core().getUser(request)
  if (person === null) {
    return (
      <>
        <h1>The tokens stay on the server</h1>
        <p className="lead">
          This browser has a cookie that no script can read. Next holds the tokens, renews them and adds them to each
          call.
        </p>
        <p>
          <a className="button primary" href="/bff/login">
            Log in to call the API
          </a>
        </p>
      </>
    )
  }
  return (
    <>
      <h1>Signed in</h1>
      <section className="card stack">
        <h2>On the server, while this page was made</h2>
        <p className="muted">
          A server component called the API with <code>userAccessTokenFetch('apiClient')</code>.
        </p>
        <pre className="wrap" data-testid="server-result">
          {await askApi(request)}
        </pre>
      </section>
      <Ping />
    </>
  )
}

async function askApi(request: { readonly headers: Headers }): Promise<string> {
  try {
    const answer = await core().userAccessTokenFetch(request, 'apiClient')('external')
    return `${answer.status} ${JSON.stringify(await answer.json(), null, 2)}`
  } catch (error) {
    return error instanceof Error ? error.message : 'The API could not be called.'
  }
}

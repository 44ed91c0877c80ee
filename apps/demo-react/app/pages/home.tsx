import { useAuth } from '@latchkey/react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { useRuntimeConfig } from '../runtime-config.ts'
import { useSignIn } from '../sign-in.tsx'

export function Home(): ReactNode {
  const { claims } = useAuth()
  const { mode, issuer, apiUrl, audience } = useRuntimeConfig()
  return (
    <>
      {claims === null ? <Stranger /> : <Greeting name={String(claims.name ?? claims.sub)} />}
      <section className="card stack">
        <h2>Who does what</h2>
        <dl className="facts">
          <dt>Provider</dt>
          <dd>
            <a href={issuer}>{issuer}</a> issues and revokes
          </dd>
          <dt>{mode === 'bff' ? 'This server' : 'This page'}</dt>
          <dd>obtains, holds, attaches and renews</dd>
          <dt>API</dt>
          <dd>
            <code>{apiUrl}</code> verifies
          </dd>
          <dt>Audience</dt>
          <dd>
            <code>{audience}</code>
          </dd>
        </dl>
      </section>
    </>
  )
}

function Greeting({ name }: { readonly name: string }): ReactNode {
  const { mode } = useRuntimeConfig()
  return (
    <section className="stack">
      <h1>Hello, {name}</h1>
      <p className="lead">
        {mode === 'bff'
          ? 'You are signed in. The access token stays on the server: this page has only a cookie that no script can read.'
          : 'You are signed in. This page holds an access token in memory: no storage and no cookie that a script can read has it.'}
      </p>
      <p className="row">
        <Link className="button primary" href="/external-api">
          Call the API
        </Link>
        <Link className="button" href="/profile">
          Your profile
        </Link>
      </p>
    </section>
  )
}

function Stranger(): ReactNode {
  const { leaving, signIn, signInWithPopup } = useSignIn()
  return (
    <section className="stack">
      <h1>Follow one access token</h1>
      <p className="lead">
        Log in, call an API, let the token expire, renew it, revoke it. Everything here is real: the provider, the API
        and this application.
      </p>
      <p className="row">
        <button type="button" className="primary" disabled={leaving} onClick={() => signIn()}>
          Log in at the provider
        </button>
        <button
          type="button"
          className="secondary"
          data-testid="login-popup"
          disabled={leaving}
          onClick={signInWithPopup}
        >
          In a window
        </button>
      </p>
    </section>
  )
}

import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { useSignIn } from '../sign-in.tsx'

/** Seen only when a sign-in came back without success: otherwise the person is already where they wanted to go. */
export function Callback(): ReactNode {
  const { leaving, problem, signIn } = useSignIn()
  const failed = problem !== null
  return (
    <section className="stack">
      <h1>{failed ? 'You are not signed in' : 'Nothing to do here'}</h1>
      <p className="lead">
        {failed
          ? 'The sign-in came back without success; the reason stands above.'
          : 'A sign-in comes back to this address. None is under way.'}
      </p>
      <p className="row">
        <button type="button" className="primary" disabled={leaving} onClick={() => signIn('/')}>
          Try again
        </button>
        <Link className="button" href="/">
          To the start
        </Link>
      </p>
    </section>
  )
}

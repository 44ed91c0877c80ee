import type { ReactNode } from 'react'
import { Link } from 'wouter'

export function NotFound(): ReactNode {
  return (
    <section className="stack">
      <h1>There is no such page</h1>
      <p className="lead">The address may be mistyped, or the page has moved.</p>
      <p>
        <Link className="button" href="/">
          To the start
        </Link>
      </p>
    </section>
  )
}

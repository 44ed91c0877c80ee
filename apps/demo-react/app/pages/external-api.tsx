import type { ReactNode } from 'react'
import { AnswerView, tally, useApiCall } from '../api/api-calls.tsx'

const url = '/api/external'
const parallel = 20

export function ExternalApi(): ReactNode {
  const one = useApiCall(url)
  const many = useApiCall(url)
  return (
    <>
      <section className="stack">
        <h1>External API</h1>
        <p className="lead">
          The API stands behind this origin's <code>/api</code>, so no CORS is needed. It answers only when the token is
          valid for its audience.
        </p>
      </section>
      <section className="card stack">
        <h2>One call</h2>
        <p className="row">
          <button
            type="button"
            id="ping"
            className="primary"
            data-testid="ping"
            disabled={one.calling}
            onClick={() => one.call()}
          >
            Ping API
          </button>
        </p>
        <AnswerView answer={one.answers[0]} url={url} />
      </section>
      <section className="card stack">
        <h2>Twenty calls at once</h2>
        <p className="muted">After the token has expired, all of them wait for one and the same renewal.</p>
        <p className="row">
          <button
            type="button"
            className="secondary"
            data-testid="ping-20"
            disabled={many.calling}
            onClick={() => many.call(parallel)}
          >
            Send 20 calls in parallel
          </button>
        </p>
        <p data-testid="ping-20-result" role="status">
          {tally(many.answers)}
        </p>
      </section>
    </>
  )
}

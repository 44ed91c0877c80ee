import type { ReactNode } from 'react'
import { AnswerView, useApiCall } from '../api/api-calls.tsx'
import { useRuntimeConfig } from '../runtime-config.ts'

export function CrossOrigin(): ReactNode {
  const url = `${useRuntimeConfig().apiUrl}/api/messages`
  const { answers, calling, call } = useApiCall(url)
  return (
    <>
      <section className="stack">
        <h1>Cross-origin</h1>
        <p className="lead">
          The same API at its own origin. The browser asks it first whether this page may call (CORS); the token goes to
          exactly this origin and path.
        </p>
      </section>
      <section className="card stack">
        <h2>Messages</h2>
        <p className="muted">
          Needs the scope <code>read:messages</code>.
        </p>
        <p className="row">
          <button
            type="button"
            id="ping"
            className="primary"
            data-testid="ping"
            disabled={calling}
            onClick={() => call()}
          >
            Read messages
          </button>
        </p>
        <AnswerView answer={answers[0]} url={url} />
      </section>
    </>
  )
}

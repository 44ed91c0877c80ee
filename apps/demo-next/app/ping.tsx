'use client'

import { useState } from 'react'

const calls = [
  { id: 'ping', label: 'Ping API', path: '/api/external', what: 'The BFF passes /api on and adds the access token.' },
  {
    id: 'ping-local',
    label: 'Ping Next',
    path: '/local/messages',
    what: 'A route handler of Next’s own calls the API.',
  },
] as const

/** Calls from the page: the header is what a foreign page cannot send, the cookie goes along by itself. */
export function Ping() {
  return calls.map((call) => <Call key={call.id} {...call} />)
}

function Call({ id, label, path, what }: (typeof calls)[number]) {
  const [answer, setAnswer] = useState<{ readonly status: number; readonly text: string } | null>(null)
  const [busy, setBusy] = useState(false)
  async function ask() {
    setBusy(true)
    const response = await fetch(path, { headers: { 'X-CSRF': '1' } }).catch(() => null)
    setAnswer({ status: response?.status ?? 0, text: (await response?.text()) ?? 'The server could not be reached.' })
    setBusy(false)
  }
  return (
    <section className="card stack">
      <h2>{label}</h2>
      <p className="muted">{what}</p>
      <p>
        <button type="button" className="primary" data-testid={id} disabled={busy} onClick={ask}>
          {label}
        </button>
      </p>
      <div aria-live="polite" className="stack">
        {answer !== null && (
          <>
            <p>
              <span className={`badge ${answer.status === 200 ? 'good' : 'bad'}`} data-testid={`${id}-status`}>
                {answer.status === 0 ? 'no answer' : answer.status}
              </span>{' '}
              <code>GET {path}</code>
            </p>
            <pre className="wrap" data-testid={`${id}-result`}>
              {answer.text}
            </pre>
          </>
        )}
      </div>
    </section>
  )
}

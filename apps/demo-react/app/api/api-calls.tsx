import { useAuthFetch } from '@latchkey/react'
import { type ReactNode, useState } from 'react'

export interface ApiAnswer {
  /** 0 when no answer came. */
  readonly status: number
  readonly line: string
  readonly body: unknown
}

export interface ApiCall {
  readonly answers: readonly ApiAnswer[]
  readonly calling: boolean
  /** Sends the request `times` at once. */
  call(times?: number): void
}

/** `fetch` with the token where it belongs; a refusal is an answer too. */
export function useApiCall(url: string): ApiCall {
  const authFetch = useAuthFetch()
  const [answers, setAnswers] = useState<readonly ApiAnswer[]>([])
  const [calling, setCalling] = useState(false)
  const call = (times = 1) => {
    setCalling(true)
    setAnswers([])
    void Promise.all(Array.from({ length: times }, () => ask(() => authFetch(url)))).then((all) => {
      setAnswers(all)
      setCalling(false)
    })
  }
  return { answers, calling, call }
}

async function ask(send: () => Promise<Response>): Promise<ApiAnswer> {
  try {
    const answer = await send()
    const body: unknown = await answer.json().catch(() => null)
    return { status: answer.status, line: `${answer.status} ${answer.statusText}`.trim(), body }
  } catch (error) {
    const detail =
      error instanceof TypeError || !(error instanceof Error)
        ? 'The API could not be reached. Check that it runs, then try again.'
        : error.message
    return { status: 0, line: 'no answer', body: { detail } }
  }
}

/** One answer of the API: its status and its JSON. */
export function AnswerView({
  answer,
  url,
}: {
  readonly answer: ApiAnswer | undefined
  readonly url: string
}): ReactNode {
  return (
    <div aria-live="polite">
      {answer === undefined ? (
        <p className="muted">No answer yet. Send a request to see the status and the JSON here.</p>
      ) : (
        <div className="stack tight">
          <p className="row">
            <span className={`badge ${answer.status === 200 ? 'good' : 'bad'}`} data-testid="ping-status">
              {answer.line}
            </span>
            <code className="muted">GET {url}</code>
          </p>
          <pre className="wrap" data-testid="ping-result">
            {JSON.stringify(answer.body, null, 2)}
          </pre>
        </div>
      )}
    </div>
  )
}

/** `19 of 20 answered 200, 1 answered 401 Unauthorized`. */
export function tally(answers: readonly ApiAnswer[]): string {
  if (answers.length === 0) return ''
  const others = new Map<string, number>()
  for (const { status, line } of answers) if (status !== 200) others.set(line, (others.get(line) ?? 0) + 1)
  const good = answers.filter(({ status }) => status === 200).length
  const rest = [...others].map(([line, count]) => `, ${count} answered ${line}`).join('')
  return `${good} of ${answers.length} answered 200${rest}`
}

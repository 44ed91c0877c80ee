import { useAuth } from '@latchkey/react'
import { type TokenLifeView, tokenLifeView } from '@latchkey-apps/demo-spa/token-life-view'
import { type ReactNode, useState } from 'react'
import { TokenLifeBar } from './token-life-bar.tsx'
import { useTokenLife } from './use-token-life.ts'

export function TokenLifePanel(): ReactNode {
  const { history, now } = useTokenLife()
  const view = tokenLifeView(history, now)
  return (
    <section className="card stack" data-testid="token-panel" aria-labelledby="token-life">
      <div className="row between">
        <h2 id="token-life">Access token</h2>
        {view !== null && <span className={`badge ${view.tone}`}>{view.status}</span>}
      </div>
      {view === null ? (
        <p className="muted">There is none yet. Log in to watch one being issued, renewed and revoked.</p>
      ) : (
        <Life view={view} />
      )}
    </section>
  )
}

function Life({ view }: { readonly view: TokenLifeView }): ReactNode {
  return (
    <>
      <TokenLifeBar bar={view.bar} label={view.label} />
      <dl className="facts number">
        <dt>Issued</dt>
        <dd data-testid="issued">{view.issued}</dd>
        <dt>{view.expiryTerm}</dt>
        <dd data-testid="expires-in">{view.expiry}</dd>
        <dt>Renewed</dt>
        <dd>
          <span data-testid="renewals">{view.renewals}</span> {view.renewals === 1 ? 'time' : 'times'}
        </dd>
      </dl>
      {view.alive && <Revoke />}
    </>
  )
}

function Revoke(): ReactNode {
  const { auth } = useAuth()
  const [revoking, setRevoking] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const revoke = () => {
    setRevoking(true)
    setProblem(null)
    auth
      .revoke('refresh_token')
      .catch((error: unknown) => {
        setProblem(`The session could not be revoked: ${error instanceof Error ? error.message : String(error)}`)
      })
      .finally(() => setRevoking(false))
  }
  return (
    <div className="stack tight">
      <p className="small muted">
        Revoking ends this session in every tab: its refresh token and every access token of it.
      </p>
      <p>
        <button type="button" className="danger small" data-testid="revoke" disabled={revoking} onClick={revoke}>
          Revoke
        </button>
      </p>
      {problem !== null && (
        <p className="bad" role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}

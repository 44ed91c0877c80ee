import { useAuth } from '@latchkey/react'
import { sessionNotices } from '@latchkey-apps/demo-spa/session-notices'
import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import { useRuntimeConfig } from './runtime-config.ts'
import { useSignIn } from './sign-in.tsx'
import { TokenLifePanel } from './token-life/token-life-panel.tsx'

const links = [
  { path: '/', name: 'Home' },
  { path: '/profile', name: 'Profile' },
  { path: '/external-api', name: 'External API' },
  { path: '/cross-origin', name: 'Cross-origin' },
]

/** What stands around every page: who is signed in, where to go, the token's life. */
export function Frame({ children }: { readonly children: ReactNode }): ReactNode {
  const { mode, issuer, bffUrl } = useRuntimeConfig()
  return (
    <>
      <a className="skip" href="#content">
        Skip to content
      </a>
      <div className="frame wide">
        <Masthead />
        <main id="content" tabIndex={-1}>
          <SessionNotice />
          <div className="columns">
            <div className="stack loose page">
              <div className="page-body">{children}</div>
            </div>
            {mode === 'bff' ? <NoToken /> : <TokenLifePanel />}
          </div>
        </main>
        <footer className="colophon">
          <a href={issuer}>The provider</a>
          {bffUrl !== '' && (
            <>
              {' · '}
              <a href={bffUrl}>The same with tokens on the server</a>
            </>
          )}
        </footer>
      </div>
    </>
  )
}

function NoToken(): ReactNode {
  return (
    <section className="card stack" data-testid="token-panel" aria-labelledby="token-life">
      <h2 id="token-life">Access token</h2>
      <p className="muted">
        There is none in this page: the server behind it holds the tokens, renews them and adds them to each call. This
        browser has a cookie that no script can read.
      </p>
    </section>
  )
}

function Masthead(): ReactNode {
  const { mode } = useRuntimeConfig()
  const reachable = links.filter(({ path }) => mode === 'browser' || path !== '/cross-origin')
  const [here] = useLocation()
  return (
    <header className="masthead">
      <Link className="brand" href="/">
        <Mark />
        <span>
          Latchkey<span className="what"> React demo</span>
        </span>
      </Link>
      <nav aria-label="Pages">
        <ul>
          {reachable.map(({ path, name }) => (
            <li key={path}>
              <Link href={path} aria-current={here === path ? 'page' : undefined}>
                {name}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <Person />
    </header>
  )
}

function Person(): ReactNode {
  const { claims } = useAuth()
  const { leaving, signIn, signOut } = useSignIn()
  if (claims === null) {
    return (
      <div className="person">
        <button type="button" className="primary small" data-testid="login" disabled={leaving} onClick={() => signIn()}>
          Log in
        </button>
      </div>
    )
  }
  const name = [claims.name, claims.preferred_username, claims.email, claims.sub].find((one) => one !== undefined)
  return (
    <div className="person">
      <span className="name" data-testid="user-name">
        {String(name)}
      </span>
      <button type="button" className="secondary small" data-testid="logout" disabled={leaving} onClick={signOut}>
        Log out
      </button>
    </div>
  )
}

/** Says calmly why nobody is signed in any more, and what to do. */
function SessionNotice(): ReactNode {
  const { because } = useAuth()
  const { leaving, problem, signIn } = useSignIn()
  const notice = because === undefined ? null : sessionNotices[because]
  return (
    <div className="session-notice">
      <div role="status">
        {notice !== null && (
          <div className={`notice ${notice.tone}`} data-testid="notice">
            <div className="row between">
              <p>{notice.text}</p>
              {because !== 'signed-out' && (
                <button type="button" className="secondary small" disabled={leaving} onClick={() => signIn()}>
                  Sign in again
                </button>
              )}
            </div>
          </div>
        )}
      </div>
      <div role="alert">
        {problem !== null && (
          <div className="notice bad" data-testid="problem">
            <p>{problem}</p>
          </div>
        )}
      </div>
    </div>
  )
}

/** The mark as `@latchkey/provider` draws it on its pages. */
function Mark(): ReactNode {
  return (
    <svg
      className="mark"
      viewBox="0 0 24 24"
      width="24"
      height="24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d="M9.5 3.5h8a3 3 0 0 1 3 3v11a3 3 0 0 1-3 3h-8" />
      <circle cx="6" cy="12" r="3.5" />
      <path d="M9.5 12H16v3.25M12.75 12v2.25" />
    </svg>
  )
}

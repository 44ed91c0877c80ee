import { type Auth, AuthProvider, RequireAuth } from '@latchkey/react'
import type { RuntimeConfig } from '@latchkey-apps/demo-spa/runtime-config'
import { type ReactNode, useEffect } from 'react'
import { Route, Switch, useLocation } from 'wouter'
import { Frame } from './frame.tsx'
import { Callback } from './pages/callback.tsx'
import { CrossOrigin } from './pages/cross-origin.tsx'
import { ExternalApi } from './pages/external-api.tsx'
import { Home } from './pages/home.tsx'
import { NotFound } from './pages/not-found.tsx'
import { Profile } from './pages/profile.tsx'
import { RuntimeConfigContext } from './runtime-config.ts'
import { SignInProvider } from './sign-in.tsx'

interface Page {
  readonly path: string
  readonly title: string
  readonly content: ReactNode
  readonly needsPerson?: boolean
}

const pages: readonly Page[] = [
  { path: '/', title: 'Home', content: <Home /> },
  { path: '/profile', title: 'Profile', content: <Profile />, needsPerson: true },
  { path: '/external-api', title: 'External API', content: <ExternalApi />, needsPerson: true },
  { path: '/cross-origin', title: 'Cross-origin', content: <CrossOrigin />, needsPerson: true },
  { path: '/callback', title: 'Sign-in', content: <Callback /> },
]

export function App({ auth, config }: { readonly auth: Auth; readonly config: RuntimeConfig }): ReactNode {
  const [, navigate] = useLocation()
  return (
    <RuntimeConfigContext value={config}>
      <AuthProvider auth={auth} onSignedIn={() => navigate(here(), { replace: true })}>
        <SignInProvider>
          <Frame>
            <Switch>
              {pages.map((page) => (
                <Route key={page.path} path={page.path}>
                  <Titled title={page.title}>
                    {page.needsPerson ? <Guarded>{page.content}</Guarded> : page.content}
                  </Titled>
                </Route>
              ))}
              <Route>
                <Titled title="Not found">
                  <NotFound />
                </Titled>
              </Route>
            </Switch>
          </Frame>
        </SignInProvider>
      </AuthProvider>
    </RuntimeConfigContext>
  )
}

/** Where the sign-in put the address bar back to. */
function here(): string {
  return window.location.pathname + window.location.search + window.location.hash
}

function Guarded({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <RequireAuth fallback={<Waiting />} failed={() => <Callback />} signedOut={<SignedOut />}>
      {children}
    </RequireAuth>
  )
}

function Titled({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  useEffect(() => {
    document.title = `${title} · Latchkey React demo`
  }, [title])
  return children
}

function Waiting(): ReactNode {
  return (
    <p className="muted" role="status">
      Finding out who is there …
    </p>
  )
}

function SignedOut(): ReactNode {
  return (
    <div className="card empty">
      <p>This page is for people who are signed in. Log in above to see it again.</p>
    </div>
  )
}

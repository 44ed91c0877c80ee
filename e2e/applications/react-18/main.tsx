import { silentSignIn } from '@latchkey/browser/silent'
import { AuthProvider, createAuth, RequireAuth, useAuth, useAuthFetch } from '@latchkey/react'
import { StrictMode, useState, version } from 'react'
import { createRoot } from 'react-dom/client'

function Profile({ issuer }: { readonly issuer: string }) {
  const authFetch = useAuthFetch()
  const [answer, setAnswer] = useState<unknown>(null)
  const ask = () => {
    authFetch(`${issuer}/userinfo`)
      .then((response) => response.json())
      .then(setAnswer, setAnswer)
  }
  return (
    <>
      <h1>Profile</h1>
      <button type="button" id="ask" onClick={ask}>
        Ask the provider
      </button>
      <pre id="answer">{JSON.stringify(answer)}</pre>
    </>
  )
}

function App({ issuer }: { readonly issuer: string }) {
  const { claims, isAuthenticated, signOut } = useAuth()
  return (
    <>
      <p id="version">{version}</p>
      <p id="name">{String(claims?.name ?? 'nobody')}</p>
      <p id="authenticated">{String(isAuthenticated)}</p>
      <button type="button" id="logout" onClick={() => void signOut()}>
        Log out
      </button>
      {location.pathname === '/profile' ? (
        <RequireAuth>
          <Profile issuer={issuer} />
        </RequireAuth>
      ) : (
        <h1>Home</h1>
      )}
    </>
  )
}

const { issuer } = (await (await fetch('/config.json')).json()) as { issuer: string }
const auth = createAuth({
  issuer,
  clientId: 'react-18',
  scope: 'openid profile',
  secureRoutes: [`${issuer}/userinfo`],
  parts: [silentSignIn()],
})
const place = document.getElementById('root')
if (place === null) throw new Error('the page has no #root')
createRoot(place).render(
  <StrictMode>
    <AuthProvider auth={auth}>
      <App issuer={issuer} />
    </AuthProvider>
  </StrictMode>,
)

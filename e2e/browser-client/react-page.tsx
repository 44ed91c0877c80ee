import { silentSignIn } from '@latchkey/browser/silent'
import { AuthProvider, createAuth, RequireAuth, useAuth } from '@latchkey/react'
import { StrictMode, useState } from 'react'
import { createRoot } from 'react-dom/client'
import './shown.ts'

const settings: { issuer: string; clientId: string } = await (await fetch('/settings.json')).json()
const auth = createAuth({ ...settings, parts: [silentSignIn()] })

/** A public page and a private one; the address says which. */
function App() {
  const [path, setPath] = useState(location.pathname)
  return (
    <AuthProvider auth={auth} onSignedIn={() => setPath(location.pathname)}>
      <Person />
      {path === '/private' ? (
        <RequireAuth fallback={<p>one moment</p>}>
          <h1>Private</h1>
        </RequireAuth>
      ) : (
        <h1>Public</h1>
      )}
    </AuthProvider>
  )
}

function Person() {
  const { claims, signOut } = useAuth()
  if (claims === null) return <p>nobody</p>
  return (
    <p>
      here is {String(claims.preferred_username)}
      <button type="button" onClick={() => void signOut()}>
        Sign out
      </button>
      <button type="button" onClick={() => void signOut({ where: 'browser' })}>
        Sign out here
      </button>
    </p>
  )
}

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <App />
  </StrictMode>,
)

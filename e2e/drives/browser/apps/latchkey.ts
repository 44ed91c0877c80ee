import { createAuth } from '@latchkey/browser'
import { idTokenSignatures } from '@latchkey/browser/signatures'
import { silentSignIn } from '@latchkey/browser/silent'
import { drive } from '../driven-app.ts'

const { issuer } = await (await fetch('/settings.json')).json()
const auth = createAuth({
  issuer,
  clientId: 'driven',
  resource: 'https://api.example.com',
  renewBeforeExpirySeconds: 2,
  parts: [silentSignIn(), idTokenSignatures()],
})

drive({
  start: async () => void (await auth.start()),
  signIn: () => auth.signIn(),
  token: () => auth.getAccessToken(),
  signedIn: async () => auth.state.status === 'authenticated',
})

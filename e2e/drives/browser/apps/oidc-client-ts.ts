import { UserManager, WebStorageStateStore } from 'oidc-client-ts'
import { drive } from '../driven-app.ts'

const { issuer } = await (await fetch('/settings.json')).json()
const manager = new UserManager({
  authority: issuer,
  client_id: 'driven',
  redirect_uri: `${location.origin}/`,
  scope: 'openid profile email',
  resource: 'https://api.example.com',
  userStore: new WebStorageStateStore({ store: window.localStorage }),
  automaticSilentRenew: true,
  accessTokenExpiringNotificationTimeInSeconds: 2,
})

drive({
  async start() {
    if (new URL(location.href).searchParams.has('code')) {
      await manager.signinRedirectCallback()
      history.replaceState(null, '', '/')
    }
  },
  signIn: () => manager.signinRedirect(),
  token: async () => (await manager.getUser())?.access_token ?? null,
  // Its word for a session: a user whose access token has not expired.
  signedIn: async () => {
    const user = await manager.getUser()
    return user !== null && !(user.expired === true && user.refresh_token === undefined)
  },
})

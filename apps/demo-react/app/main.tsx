import { loadRuntimeConfig } from '@latchkey-apps/demo-spa/runtime-config'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { openAuth } from './open-auth.ts'

loadRuntimeConfig()
  .then((config) => {
    const place = document.getElementById('root')
    if (place === null) throw new Error('the page has no #root')
    createRoot(place).render(
      <StrictMode>
        <App auth={openAuth(config)} config={config} />
      </StrictMode>,
    )
  })
  .catch((error: unknown) => {
    console.error(error)
    const place = document.querySelector('.starting [role=status]')
    if (place !== null)
      place.textContent = 'The demo could not start. Check that its server runs, then load the page again.'
  })

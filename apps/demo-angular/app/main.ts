import { bootstrapApplication } from '@angular/platform-browser'
import { loadRuntimeConfig } from '@latchkey-apps/demo-spa/runtime-config'
import { appConfig } from './app.config.ts'
import { App } from './app.ts'

loadRuntimeConfig()
  .then((config) => bootstrapApplication(App, appConfig(config)))
  .catch((error: unknown) => {
    console.error(error)
    const place = document.querySelector('.starting [role=status]')
    if (place !== null)
      place.textContent = 'The demo could not start. Check that its server runs, then load the page again.'
  })

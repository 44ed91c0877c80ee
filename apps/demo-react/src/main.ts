import { fileURLToPath } from 'node:url'
import { serveApplication } from '@latchkey-apps/demo-spa/serve'

serveApplication({
  root: fileURLToPath(new URL('../dist', import.meta.url)),
  workspace: 'apps/demo-react',
  port: 5173,
  trustedTypes: "'none'",
})

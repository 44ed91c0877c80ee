import { fileURLToPath } from 'node:url'
import { collectAssets } from '@latchkey-apps/demo-spa/collect-assets'

collectAssets(fileURLToPath(new URL('../.house', import.meta.url)))

import { fileURLToPath } from 'node:url'
import { collectAssets } from '@latchkey-apps/demo-spa/collect-assets'

// The Angular build takes no assets from outside its own folder.
collectAssets(fileURLToPath(new URL('../.angular/house', import.meta.url)))

import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { icon, stylesheet } from '@latchkey/provider/assets'

// The Angular build takes nothing from outside its own folder: the house's stylesheet and mark, and the page that
// answers silent sign-ins, are put where it looks for them.
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const folder = at('../.angular/house')

mkdirSync(folder, { recursive: true })
writeFileSync(`${folder}/latchkey.css`, stylesheet.content)
writeFileSync(`${folder}/latchkey.svg`, icon.content)
for (const file of ['silent-callback.html', 'silent-callback.js']) {
  copyFileSync(at(`../../../packages/browser/static/${file}`), `${folder}/${file}`)
}

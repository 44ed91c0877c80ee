import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { icon, stylesheet } from '@latchkey/provider/assets'

const pages = fileURLToPath(new URL('../../../packages/browser/static', import.meta.url))
const styles = fileURLToPath(new URL('./styles.css', import.meta.url))

/**
 * Puts what an application takes from elsewhere into `folder`: the house's stylesheet and mark, the demos' own styles, and
 * the pages that answer silent sign-ins and popups.
 */
export function collectAssets(folder: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/latchkey.css`, stylesheet.content)
  writeFileSync(`${folder}/latchkey.svg`, icon.content)
  copyFileSync(styles, `${folder}/demo.css`)
  for (const file of readdirSync(pages)) copyFileSync(`${pages}/${file}`, `${folder}/${file}`)
}

import { sha256 } from '../crypto.ts'
import { checkSessionScript } from '../logout/check-session-script.ts'
import { markFile } from './mark.ts'
import { pageScript } from './page-script.ts'
import { account } from './styles/account.ts'
import { base } from './styles/base.ts'
import { controls } from './styles/controls.ts'
import { data } from './styles/data.ts'
import { layout } from './styles/layout.ts'
import { tokens } from './styles/tokens.ts'

/** A file that pages link to. Its name holds a hash of its content, so it may be cached for ever. */
export interface Asset {
  /** Below the base path. */
  readonly path: string
  readonly type: string
  readonly content: string
}

export const assetFolder = '/assets'

/** The one stylesheet of every page. */
export const stylesheet = asset('latchkey', 'css', {
  type: 'text/css; charset=utf-8',
  content: [tokens, base, layout, controls, data, account].map((part) => part.trim()).join('\n'),
})

/** What JavaScript adds where it is switched on; no page needs it. */
export const script = asset('latchkey', 'js', { type: 'text/javascript; charset=utf-8', content: pageScript })

/** What the check-session frame runs. */
export const checkSessionAsset = asset('check-session', 'js', {
  type: 'text/javascript; charset=utf-8',
  content: checkSessionScript,
})

export const icon = asset('latchkey', 'svg', { type: 'image/svg+xml', content: markFile })

export const assets: readonly Asset[] = [stylesheet, script, checkSessionAsset, icon]

function asset(name: string, extension: string, file: { type: string; content: string }): Asset {
  return { path: `${assetFolder}/${name}-${sha256(file.content).slice(0, 12)}.${extension}`, ...file }
}

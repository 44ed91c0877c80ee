/** The script of the token worker: `new Worker(…)` it and hand it to `tokensInWorker`. */
import { pageRuntime } from '@latchkey/protocol/system-runtime'
import type { KeeperAnswer, KeeperQuestion } from './keeper-messages.ts'
import { sentError } from './keeper-messages.ts'
import { createTokenKeeper } from './token-keeper.ts'

const keeper = createTokenKeeper(pageRuntime)
type Call = (...given: readonly unknown[]) => Promise<unknown>

self.onmessage = async ({ data }: MessageEvent<KeeperQuestion>) => {
  const { id, call, given } = data
  try {
    answer({ id, value: await (keeper[call] as Call)(...given) })
  } catch (error) {
    answer({ id, error: sentError(error) })
  }
}

function answer(message: KeeperAnswer): void {
  self.postMessage(message)
}

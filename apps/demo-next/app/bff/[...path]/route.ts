import { bffHandlers } from '@latchkey/bff/next'
import { core } from '../../../src/core.ts'

export const dynamic = 'force-dynamic'
export const { GET, POST } = bffHandlers(core)

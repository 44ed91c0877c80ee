import type { Addresses } from './addresses.ts'
import type { Processes } from './processes.ts'
import type { TourState } from './tour-state.ts'

/** Everything that has to be there before the first page is opened. */
export interface Tour {
  readonly root: string
  /** Where databases, keys and passwords are kept. */
  readonly folder: string
  readonly state: TourState
  readonly addresses: Addresses
  readonly processes: Processes
}

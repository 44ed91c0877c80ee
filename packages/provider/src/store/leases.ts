/** Work that one node at a time may do: rotating keys, purging rows. */
export interface LeaseStore {
  /** The fence (larger than any before) when `holder` has the lease from now on, null while another has it. */
  acquire(name: string, holder: string, at: { readonly now: number; readonly seconds: number }): Promise<number | null>
  release(name: string, holder: string): Promise<void>
}

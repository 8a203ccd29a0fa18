import type { KnownOrchestrator } from '@millrace/chain'
import type { Address } from '@millrace/wire'

/** Where an orchestrator can be asked for its terms. */
export type DirectoryEntry = {
  readonly serviceUri: string
  /** Unknown without a chain. */
  readonly address: Address | undefined
  readonly stakeLpt: bigint
  /** Only another orchestrator named it: it must not be on this machine or its network. */
  readonly hearsay?: boolean
}

/** Where a gateway finds orchestrators. */
export type OrchestratorDirectory = { find(): Promise<readonly DirectoryEntry[]> }

/** The active orchestrators of the chain with a usable service URI. */
export const chainDirectory = (deps: {
  readonly orchestrators: { list(): Promise<readonly KnownOrchestrator[]> }
}): OrchestratorDirectory => ({
  find: async () =>
    (await deps.orchestrators.list())
      .filter((o) => o.active && isServiceUri(o.serviceUri))
      .map(({ address, serviceUri, stake }) => ({ address, serviceUri, stakeLpt: stake })),
})

/** A fixed list, as named by -orchAddr. */
export const listDirectory = (uris: readonly string[]): OrchestratorDirectory => ({
  find: async () => uris.map((serviceUri) => ({ serviceUri, address: undefined, stakeLpt: 0n })),
})

/** Orchestrators write their own URI on chain: only plain http(s) addresses without credentials are used. */
export function isServiceUri(text: string): boolean {
  if (text.length > 2048) return false
  try {
    const url = new URL(text)
    return (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' && url.password === ''
  } catch {
    return false
  }
}

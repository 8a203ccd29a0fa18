import { MillraceError } from '@millrace/base'
import type { KnownOrchestrator } from '@millrace/chain'
import type { Address } from '@millrace/wire'

/** Where an orchestrator can be asked for its terms. */
export type DirectoryEntry = {
  readonly serviceUri: string
  /** Unknown without a chain. */
  readonly address: Address | undefined
  readonly stakeLpt: bigint
  /** The operator named it, with a score of 1 or more where it has one (wire spec 2.4). */
  readonly trusted?: boolean
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

/** A fixed list, as named by -orchAddr; throws `bad_config` for what is no address. */
export function listDirectory(addresses: readonly string[]): OrchestratorDirectory {
  const entries = addresses.map((text): DirectoryEntry => {
    const serviceUri = orchestratorUri(text)
    if (serviceUri === undefined)
      throw new MillraceError('bad_config', `-orchAddr has ${JSON.stringify(text)}, expected https://host:port`)
    return { serviceUri, address: undefined, stakeLpt: 0n, trusted: true }
  })
  return { find: async () => entries }
}

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

/** An orchestrator's address as operators write it: the scheme is https and the port 8935 where it has none; undefined when it is no address. */
export function orchestratorUri(text: string): string | undefined {
  const trimmed = text.trim()
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed.replace(/^:/, '127.0.0.1:')}`
  if (!isServiceUri(full)) return undefined
  const url = new URL(full)
  const port = url.port || (/:443(\/|$)/.test(full) ? '443' : /:80(\/|$)/.test(full) ? '80' : '8935')
  return `${url.protocol}//${url.hostname}:${port}`
}

import { randomInt } from 'node:crypto'
import { errorText, type Rational } from '@millrace/base'
import { requirePublicAddress } from '@millrace/base/node'
import { type ChainClient, getOrchestrator, getPool, getServiceUri } from '@millrace/chain'
import { isServiceUri, OrchestratorRpc } from '@millrace/node'
import {
  type Address,
  type OrchestratorRequest,
  priceToRational,
  type Signer,
  signOrchestratorRequest,
  ZERO_ADDRESS,
} from '@millrace/wire'

const TIMEOUT_MS = 4_000

/** An orchestrator that may be asked for its terms. */
export type Candidate = { readonly serviceUri: string; readonly address?: Address | undefined }

/** What an orchestrator asks, or why it did not say. */
export type Terms = Candidate & {
  /** Wei per pixel; undefined where it gave no terms. */
  readonly price?: Rational | undefined
  readonly version?: string | undefined
  readonly elapsedMs: number
  readonly error?: string
}

/** Up to `limit` active orchestrators of the chain with a service URI, chosen by chance; `except` is left out. */
export async function someOrchestrators(
  client: ChainClient,
  options: { readonly limit: number; readonly except?: Address | undefined },
): Promise<readonly Candidate[]> {
  const pool = [...(await getPool(client))].filter((address) => address !== options.except)
  const chosen: Address[] = []
  while (chosen.length < options.limit && pool.length > 0) chosen.push(...pool.splice(randomInt(pool.length), 1))
  const found = await Promise.all(
    chosen.map(async (address) => {
      const [{ active }, serviceUri] = await Promise.all([
        getOrchestrator(client, address),
        getServiceUri(client, address),
      ])
      return { active, serviceUri, address }
    }),
  )
  return found
    .filter(({ active, serviceUri }) => active && isServiceUri(serviceUri))
    .map(({ serviceUri, address }) => ({ serviceUri, address }))
}

/** Asks all of them side by side. `allowPrivate` where the operator named them, or on a network of one machine. Never throws. */
export const askTerms = (
  candidates: readonly Candidate[],
  options: { readonly signer: Signer | undefined; readonly allowPrivate: boolean; readonly signal: AbortSignal },
): Promise<readonly Terms[]> =>
  Promise.all(
    candidates.map(async (candidate): Promise<Terms> => {
      const began = performance.now()
      const elapsedMs = () => Math.round(performance.now() - began)
      let rpc: OrchestratorRpc | undefined
      try {
        if (!options.allowPrivate) await requirePublicAddress(candidate.serviceUri)
        rpc = new OrchestratorRpc(candidate.serviceUri)
        const info = await rpc.getOrchestrator(requestOf(options.signer), {
          timeoutMs: TIMEOUT_MS,
          signal: options.signal,
        })
        if (candidate.address !== undefined && info.address !== candidate.address)
          return { ...candidate, elapsedMs: elapsedMs(), error: `another node, ${info.address}, answers there` }
        const price = info.priceInfo && priceToRational(info.priceInfo)
        return {
          ...candidate,
          price,
          version: info.capabilities?.version,
          elapsedMs: elapsedMs(),
          ...(!price && { error: 'tells no price' }),
        }
      } catch (error) {
        return { ...candidate, elapsedMs: elapsedMs(), error: errorText(error) }
      } finally {
        rpc?.close()
      }
    }),
  )

const requestOf = (signer: Signer | undefined): OrchestratorRequest =>
  signer
    ? signOrchestratorRequest(signer)
    : { address: ZERO_ADDRESS, signature: new Uint8Array(0), ignoreCapacityCheck: true }

/** Terms as facts for scripts. */
export const termsFacts = (terms: readonly Terms[]) =>
  terms.map(({ price, ...rest }) => ({ ...rest, ...(price && { weiPerPixel: priceText(price) }) }))

/** A price per pixel with six decimals at most. */
export const priceText = ({ num, den }: Rational): string => {
  const millionths = (num * 1_000_000n) / den
  const [whole, rest] = [millionths / 1_000_000n, (millionths % 1_000_000n).toString().padStart(6, '0')]
  const text = `${whole}.${rest}`.replace(/\.?0+$/, '')
  return text === '0' && num > 0n ? `${num}/${den}` : text
}

import { type Part, systemClock } from '@millrace/base'
import { isPrivateHost, requirePublicAddress } from '@millrace/base/node'
import { DisputeDuties, findVerifier, type Judge, pendingStake, type Verifier } from '@millrace/chain'
import { PictureJudge } from '@millrace/media'
import type { ChainAccess } from '../chain-access.ts'
import { Challenger } from '../disputes/challenger.ts'
import { DisputeKeeper } from '../disputes/dispute-keeper.ts'
import { evidenceJudge } from '../disputes/evidence-judge.ts'
import { EvidenceStore } from '../disputes/evidence-store.ts'
import { OpenDisputes } from '../disputes/open-disputes.ts'
import { fetchEvidence, sendEvidence } from '../links/http/evidence-door.ts'
import { SecureClient } from '../links/http/secure-fetch.ts'
import type { EvidenceDoor } from '../links/ports.ts'
import type { Shared } from './shared.ts'

/** Comparisons of a juror are not in a hurry; those of a gateway are. */
const JUDGE_TIMEOUT_MS = 60_000

/** A juror's part: its door for evidence, and its duties at every block. Undefined, and said in the log, where the network has no Verifier. */
export async function composeJuror(shared: Shared, parts: Part[]): Promise<EvidenceDoor | undefined> {
  const { chain, log } = shared
  const verifier = chain && (await verifierOf(chain, shared))
  if (!chain || !verifier) return undefined
  const open = new OpenDisputes({ verifier, clock: systemClock })
  const store = new EvidenceStore({}, { wanted: (key) => open.wanted(key), clock: systemClock })
  const pictures = new PictureJudge({ timeoutMs: JUDGE_TIMEOUT_MS }, { log })
  const http = new SecureClient()
  const judge = evidenceJudge(
    {},
    {
      pictures,
      kept: (key) => store.get(key),
      fetch: async (key, { signal }) => {
        for (const serviceUri of await others(chain, shared)) {
          const bytes = await fetchEvidence(http, serviceUri, key, { signal }).catch(() => undefined)
          if (bytes) return bytes
        }
        return undefined
      },
      clock: systemClock,
      log,
    },
  )
  const keeper = new DisputeKeeper({ duties: dutiesOf(chain, verifier, judge, shared), feed: chain.feed, log })
  parts.push(keeper, {
    name: 'juror',
    stop: async () => {
      http.close()
      await pictures.close()
    },
  })
  return store
}

/** A gateway's part: challenges orchestrators that signed for something else. Undefined where the network has no Verifier. */
export async function composeChallenger(shared: Shared, parts: Part[]): Promise<Challenger | undefined> {
  const { chain, log } = shared
  const verifier = chain && (await verifierOf(chain, shared))
  if (!chain || !verifier) return undefined
  if ((await pendingStake(chain.client, chain.address)) === 0n)
    log.warn(
      'this account cannot challenge anybody before it has bonded LPT, and holds the LPT of a challenge besides',
      {
        address: chain.address,
      },
    )
  const http = new SecureClient()
  const judge: Judge = async () => 'unavailable'
  const duties = dutiesOf(chain, verifier, judge, shared)
  parts.push(new DisputeKeeper({ duties, feed: chain.feed, log }), {
    name: 'challenger',
    stop: async () => http.close(),
  })
  return new Challenger({
    duties,
    jurors: (accused) => others(chain, shared, accused),
    send: (serviceUri, key, bytes) => sendEvidence(http, serviceUri, key, bytes),
    log,
  })
}

async function verifierOf({ client }: ChainAccess, { log }: Shared): Promise<Verifier | undefined> {
  const verifier = await findVerifier(client)
  if (!verifier) log.warn('nobody can be challenged on this network: it has no Verifier')
  return verifier
}

const dutiesOf = (chain: ChainAccess, verifier: Verifier, judge: Judge, { log }: Shared): DisputeDuties =>
  new DisputeDuties({ verifier, sender: chain.txSender, judge, secretFor: chain.secretFor, log })

/** Service URIs of the active orchestrators but this node's own; they wrote them on the chain themselves. */
async function others(
  chain: ChainAccess,
  { config: { network } }: Shared,
  accused?: string,
): Promise<readonly string[]> {
  const allowPrivate = network.kind === 'offchain' || network.payments === 'devnet'
  const list = (await chain.orchestrators.list()).filter(
    ({ active, address, serviceUri }) =>
      active && address !== chain.address && address !== accused && serviceUri.startsWith('https://'),
  )
  if (allowPrivate) return list.map(({ serviceUri }) => serviceUri)
  const checked = await Promise.all(
    list.map(async ({ serviceUri }) => {
      if (isPrivateHost(serviceUri)) return []
      return requirePublicAddress(serviceUri).then(
        () => [serviceUri],
        () => [],
      )
    }),
  )
  return checked.flat()
}

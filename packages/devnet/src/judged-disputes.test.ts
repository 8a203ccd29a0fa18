import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromHex, type Pixels, silentLog, systemClock, toHex } from '@millrace/base'
import {
  DisputeDuties,
  disputeBalance,
  getDispute,
  pendingStake,
  roundState,
  TxSender,
  type Verifier,
} from '@millrace/chain'
import { countPixels, openMediaEngine, PictureJudge, WholeSegments } from '@millrace/media'
import { makeTestFilm } from '@millrace/media/testing'
import {
  Challenger,
  EvidenceStore,
  encodeEvidence,
  evidenceJudge,
  evidenceKey,
  fetchEvidence,
  hashesOf,
  OpenDisputes,
  OrchestratorServer,
  SecureClient,
  sendEvidence,
} from '@millrace/node/disputes'
import {
  DEFAULT_LADDER,
  manifestId,
  type SignedSegmentCommitment,
  sessionId,
  signSegmentCommitment,
} from '@millrace/wire'
import { createKeySigner, hmacSha256 } from '@millrace/wire/node'
import type { Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { openChain, type TestChain } from './chain-fixture.ts'
import { devnetKeyHex } from './genesis/accounts.ts'
import { devnetAddress } from './genesis/addresses.ts'
import { bondNewOrchestrator, giveLpt, nextRound, registerVerifier } from './testing/court.ts'

// Real contracts on the embedded network, real video, real pictures compared; evidence goes from node to node over TLS.

const _LPT = 10n ** 18n
const JURORS = 6
const PROFILES = DEFAULT_LADDER.slice(3)
const accused = devnetAddress('orchestrator1')
const challengerKey = devnetKeyHex('delegator3')

let chain: TestChain
let verifier: Verifier
let snapshot: unknown
let judge: PictureJudge
let jurorKeys: readonly Hex[]
let source: Uint8Array
let honest: readonly Uint8Array[]
let folder: string
let http: SecureClient
let jurors: Awaited<ReturnType<typeof openJuror>>[]

beforeAll(async () => {
  chain = await openChain()
  folder = await mkdtemp(join(tmpdir(), 'jurors-'))
  http = new SecureClient()
  judge = new PictureJudge({ timeoutMs: 60_000, maxWaiting: 100 }, { log: silentLog })
  const film = await makeTestFilm({
    ...{ chain: 'mandelbrot=size=640x360:rate=30', fps: 30, seconds: 1.2, segmentMs: 600, bitrateBps: 2_000_000 },
  })
  source = film.segments[1]!.data
  const { engine } = await openMediaEngine({ spare: false }, { log: silentLog })
  const session = new WholeSegments(await engine.open({ profiles: PROFILES }))
  const made = await session.transcode({ seq: 0, data: source, container: 'mpegts' })
  honest = made.renditions.map(({ data }) => data)
  const earlier = await session.transcode({ seq: 1, data: film.segments[0]!.data, container: 'mpegts' })
  repeated = earlier.renditions.map(({ data }) => data)
  await engine.close()
  jurorKeys = Array.from({ length: JURORS }, generatePrivateKey)
  for (const key of jurorKeys) await bondNewOrchestrator(chain.client, senderOf(key))
  await nextRound(chain.client, chain.sender('deployer'))
}, 120_000)
let repeated: readonly Uint8Array[]
afterAll(async () => {
  await judge?.close()
  http?.close()
  await chain?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  snapshot = await chain.rpc('evm_snapshot')
  verifier = await registerVerifier(chain.client)
  jurors = []
  for (const [i, key] of jurorKeys.entries()) jurors.push(await openJuror(key, i))
})
afterEach(async () => {
  for (const { server } of jurors) await server.stop()
  await chain.rpc('evm_revert', snapshot)
})

const senderOf = (key: Hex): TxSender =>
  new TxSender({ account: privateKeyToAccount(key), timeoutMs: 5_000 }, { client: chain.client, log: silentLog })

const dutiesOf = (key: Hex, judged: ConstructorParameters<typeof DisputeDuties>[0]['judge']): DisputeDuties =>
  new DisputeDuties({
    verifier,
    sender: senderOf(key),
    judge: judged,
    secretFor: (purpose) => toHex(hmacSha256(fromHex(key), new TextEncoder().encode(purpose))) as Hex,
    log: silentLog,
  })

/** A juror with its own store and door; it asks the others for what it was not sent. */
async function openJuror(key: Hex, index: number) {
  const open = new OpenDisputes({ verifier, clock: systemClock })
  const store = new EvidenceStore({}, { wanted: (name) => open.wanted(name), clock: systemClock })
  const server = new OrchestratorServer(
    { host: '127.0.0.1', port: 0, certificateHost: '127.0.0.1', folder },
    { service: {} as never, evidence: store, log: silentLog },
  )
  await server.start()
  const judged = evidenceJudge(
    { waitMs: 500 },
    {
      pictures: judge,
      kept: (name) => store.get(name),
      fetch: async (name, { signal }) => {
        for (const other of jurors) {
          const bytes = other.index === index ? undefined : await fetchEvidence(http, uriOf(other), name, { signal })
          if (bytes) return bytes
        }
        return undefined
      },
      clock: systemClock,
      log: silentLog,
    },
  )
  return { index, store, server, duties: dutiesOf(key, judged) }
}
const uriOf = ({ server }: { readonly server: OrchestratorServer }) => `https://127.0.0.1:${server.port}`

/** What orchestrator 1 signs for these renditions. */
async function commitmentTo(renditions: readonly Uint8Array[]): Promise<SignedSegmentCommitment> {
  const { lastInitializedRound } = await roundState(chain.client)
  const domain = { chainId: 31337n, ticketBroker: chain.client.addresses.ticketBroker }
  const pixels = renditions.reduce((sum, data) => sum + countPixels(data, 'mpegts').pixels, 0n) as Pixels
  return signSegmentCommitment(createKeySigner(devnetKeyHex('orchestrator1')), domain, {
    ...{ sender: devnetAddress('gateway'), recipient: accused, manifestId: manifestId('stream'), seq: 7 },
    ...hashesOf({ source, profiles: PROFILES, renditions }),
    ...{ pixels, sessionId: sessionId('session'), round: lastInitializedRound },
  })
}

/** Challenges what was signed for these renditions, hands the evidence to some jurors, and plays until it is over. */
async function dispute(renditions: readonly Uint8Array[], handedTo = JURORS): Promise<string> {
  await giveLpt(chain.client, devnetAddress('delegator3'), 50n)
  const unable = async () => 'unavailable' as const
  const challenger = dutiesOf(challengerKey, unable)
  const court = new Challenger({
    duties: {
      // Blocks pass until the challenge is there, and no longer: the accused has a few of them to answer.
      challenge: (signed) => {
        const mining = setInterval(() => chain.mine(1), 60)
        return challenger.challenge(signed).finally(() => clearInterval(mining))
      },
    },
    jurors: async () => jurors.slice(0, handedTo).map(uriOf),
    send: (serviceUri, key, bytes) => sendEvidence(http, serviceUri, key, bytes),
    log: silentLog,
  })
  const id = await court.challenge(await commitmentTo(renditions), { source, profiles: PROFILES, renditions })
  const everybody = [challenger, dutiesOf(devnetKeyHex('orchestrator1'), unable), ...jurors.map(({ duties }) => duties)]
  for (let block = 0; block < 120; block++) {
    for (const one of everybody) await one.tick()
    const { outcome } = await getDispute(verifier, id)
    if (outcome !== 'open') return outcome
    await chain.mine(1)
  }
  throw new Error('the dispute does not end')
}

it('an orchestrator that signed for the segment before is slashed, by jurors who looked', async () => {
  const before = await pendingStake(chain.client, accused)
  // Some were not handed the evidence and ask the others.
  expect(await dispute(repeated, 3)).toBe('lie')
  expect(await pendingStake(chain.client, accused)).toBe(before - before / 5n)
}, 120_000)

it('one that did as it was asked keeps its stake, and the challenger loses its bond', async () => {
  const before = await pendingStake(chain.client, accused)
  expect(await dispute(honest)).toBe('honest')
  expect(await pendingStake(chain.client, accused)).toBe(before)
  expect(await disputeBalance(verifier, devnetAddress('delegator3'))).toBe(0n)
}, 120_000)

it('evidence that nobody hands out convicts nobody', async () => {
  const before = await pendingStake(chain.client, accused)
  expect(await dispute(repeated, 0)).toBe('unavailable')
  expect(await pendingStake(chain.client, accused)).toBe(before)
}, 120_000)

it('a door takes nothing that no open dispute is about, and nothing under a wrong name', async () => {
  const evidence = { source, profiles: PROFILES, renditions: honest }
  const key = evidenceKey(hashesOf(evidence))
  await expect(sendEvidence(http, uriOf(jurors[0]!), key, encodeEvidence(evidence))).rejects.toMatchObject({
    code: 'evidence_refused',
  })
  expect(jurors[0]!.store.get(key)).toBeUndefined()
  const wanting = new EvidenceStore({}, { wanted: async () => true, clock: systemClock })
  expect(() => wanting.put('ab'.repeat(32), encodeEvidence(evidence))).toThrow('evidence of something else')
  expect(() => wanting.put(key, encodeEvidence(evidence).subarray(0, 500))).toThrow('cut off')
  expect(wanting.put(key, encodeEvidence(evidence))).toBe(true)
})

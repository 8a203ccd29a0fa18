import { silentLog } from '@millrace/base'
import {
  approve,
  bond,
  type ChainClient,
  DisputeDuties,
  disputeCount,
  getDispute,
  pendingStake,
  TxSender,
  type Verifier,
} from '@millrace/chain'
import { type DevnetAccount, devnetAddress, devnetKey, devnetKeyHex, type Network } from '@millrace/devnet'
import { giveLpt, registerVerifier } from '@millrace/devnet/testing'
import { makeTestClip, type TestClip } from '@millrace/media/testing'
import { Challenger, SecureClient, sendEvidence } from '@millrace/node/disputes'
import { DEFAULT_LADDER, type NodeEventOf } from '@millrace/wire'
import { createKeySigner } from '@millrace/wire/node'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeForgeries } from './faults/forgeries.ts'
import { LyingLink, type PlannedLie } from './faults/lying-link.ts'
import { addOrchestrator } from './faults/more-orchestrators.ts'
import { eventsOf, until } from './ledger.ts'
import { LONG } from './live-stream.ts'
import { freePorts, startTestNetwork } from './network-fixture.ts'
import { type Pushed, push } from './push.ts'

const LADDER = DEFAULT_LADDER.slice(3)
const SEGMENTS = 4
const LIAR = devnetAddress('orchestrator1')
/** Whoever turns its stake to itself judges beside the second orchestrator of the network. */
const JURORS: readonly DevnetAccount[] = ['delegator2', 'delegator3', 'delegator4']
const jurorNames = ['orchestrator-2', 'orchestrator-3', 'orchestrator-4', 'orchestrator-5']
/** About one stream in three is given to the liar. */
const MOST_STREAMS = 25
const LPT = 10n ** 18n
const TRIAL_MS = 240_000

/** Only who has bonded LPT may challenge, and a challenge takes some more. */
async function becomeChallenger(client: ChainClient): Promise<void> {
  const self = new TxSender({ account: privateKeyToAccount(devnetKeyHex('gateway')) }, { client, log: silentLog })
  await giveLpt(client, self.address, 60n)
  await approve(client, self, { spender: client.addresses.bondingManager, amount: 10n * LPT })
  await bond(client, self, { amount: 10n * LPT, to: devnetAddress('orchestrator2') })
}

if (!LONG) console.log('NOT RUN: a court of whole nodes, which takes two minutes. To run it: npm run test:network')

describe.skipIf(!LONG)('a network whose orchestrators judge each other', { timeout: TRIAL_MS }, () => {
  let running: Awaited<ReturnType<typeof startTestNetwork>>
  let network: Network
  let verifier: Verifier
  let liar: LyingLink
  let clip: TestClip
  const lies: PlannedLie = { next: undefined }

  beforeAll(async () => {
    clip = await makeTestClip({ seconds: 2 * SEGMENTS, width: 640, height: 360, seed: 31 })
    const ports = await freePorts()
    const forgeries = await makeForgeries(clip, LADDER)
    running = await startTestNetwork('one process', {
      ports,
      ladder: LADDER,
      // The port of the link is known once the network is there, whose contracts its signatures name.
      reachedAt: [await openLink(ports.orchestrators[0], forgeries), ports.orchestrators[1]],
      gateway: { compareOneIn: 1, challenge: true },
      orchestrators: { juror: true },
    })
    network = running.network
    verifier = await registerVerifier(network.client!)
    await becomeChallenger(network.client!)
    // A node looks for the Verifier when it starts.
    for (const name of ['orchestrator-1', 'orchestrator-2', 'gateway']) {
      await network.kill(name)
      await network.restart(name)
    }
    for (const [i, account] of JURORS.entries()) await addOrchestrator(network, { account, number: i + 3 })
  }, TRIAL_MS)
  afterAll(async () => {
    await running?.[Symbol.asyncDispose]()
    await liar?.[Symbol.asyncDispose]()
  })

  async function openLink(port: number, forgeries: Awaited<ReturnType<typeof makeForgeries>>): Promise<number> {
    const domain = {
      chainId: 31337n,
      get ticketBroker() {
        return network.client!.addresses.ticketBroker
      },
    }
    liar = await LyingLink.open(() => port, {
      lies,
      forgeries,
      signer: createKeySigner(devnetKey('orchestrator1')),
      domain,
    })
    return liar.port
  }

  const verdict = (id: bigint) =>
    until('a verdict', async () => (await getDispute(verifier, id)).outcome !== 'open', TRIAL_MS / 2).then(
      async () => (await getDispute(verifier, id)).outcome,
    )

  /** Pushes the clip as one stream after another until the liar had its turn; every segment comes back. Resolves with the last one. */
  async function pushUntil(
    name: string,
    done: () => boolean,
    before: (seq: number) => void = () => {},
  ): Promise<{ readonly stream: string; readonly pushed: readonly Pushed[] }> {
    for (let i = 0; i < MOST_STREAMS; i++) {
      const stream = `${name}-${i}`
      const pushed: Pushed[] = []
      for (const segment of clip.segments) {
        before(segment.seq)
        pushed.push(await push(network.gatewayUrl, { stream, ...segment }))
      }
      expect(pushed.map(({ status }) => status)).toEqual(clip.segments.map(() => 200))
      if (done()) return { stream, pushed }
    }
    return expect.fail(`none of ${MOST_STREAMS} streams was given to the liar`)
  }

  it('leaves the stake of the one that delivered what it was paid for, whoever challenges it', async () => {
    const client = network.client!
    const { pushed } = await pushUntil('true', () => liar.honest.length > 0)
    const signed = liar.honest.find(({ seq }) => pushed[seq]?.orchestrator === LIAR) ?? expect.fail('nothing signed')
    const challenger = 'delegator1'
    await giveLpt(client, devnetAddress(challenger), 50n)
    const sender = new TxSender({ account: privateKeyToAccount(devnetKeyHex(challenger)) }, { client, log: silentLog })
    const http = new SecureClient()
    const duties = new DisputeDuties({
      verifier,
      sender,
      judge: async () => 'unavailable',
      secretFor: () => `0x${'5e'.repeat(32)}`,
      log: silentLog,
    })
    const court = new Challenger({
      duties,
      jurors: async () => jurorNames.map((name) => network.config(name)?.orchestrator?.serviceUri ?? ''),
      send: (serviceUri, key, bytes) => sendEvidence(http, serviceUri, key, bytes),
      log: silentLog,
    })
    const { data: source } = clip.segments[signed.seq]!
    const renditions = LADDER.map(({ name }) => pushed[signed.seq]!.renditions.get(name)!)
    const before = await pendingStake(client, LIAR)
    const id = await court.challenge(signed, { source, profiles: LADDER, renditions })
    const ticking = setInterval(() => void duties.tick().catch(() => {}), 500)
    try {
      expect(await verdict(id)).toBe('honest')
    } finally {
      clearInterval(ticking)
      http.close()
    }
    expect(await pendingStake(client, LIAR)).toBeGreaterThanOrEqual(before)
  })

  it('slashes the one that was paid for a segment and delivered an earlier one, and loses nothing of the stream', async () => {
    const client = network.client!
    const disputes = await disputeCount(verifier)
    // The earlier segment is the first one.
    const tell = (seq: number) => {
      lies.next = seq > 0 && liar.told.length === 0 ? "an earlier segment's pictures" : undefined
    }
    const { stream, pushed } = await pushUntil('false', () => liar.told.length > 0, tell)
    const { seq } = liar.told[0] ?? expect.fail('nobody lied')
    const paid = eventsOf(network, 'segment_debited') as NodeEventOf<'segment_debited'>[]
    const debit = paid.find(
      (event) => event.manifestId === stream && event.seq === seq && event.nodeId === 'orchestrator-1',
    )
    expect(BigInt(debit?.feeWei ?? 0), 'the liar was paid').toBeGreaterThan(0n)
    expect(pushed[seq]?.orchestrator).not.toBe(LIAR)

    const before = await pendingStake(client, LIAR)
    await until('a challenge', async () => (await disputeCount(verifier)) > disputes)
    const id = await disputeCount(verifier)
    expect((await getDispute(verifier, id)).accused).toBe(LIAR)
    expect(await verdict(id)).toBe('lie')
    // A fifth of its own; what its delegators have bonded is not touched, and rewards may have come meanwhile.
    const after = await pendingStake(client, LIAR)
    expect(Number(after) / Number(before)).toBeLessThan(0.85)
  })
})

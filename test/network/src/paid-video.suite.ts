import type { Network } from '@millrace/devnet'
import { inspectSegment, makeTestClip, type TestClip } from '@millrace/media/testing'
import { DEFAULT_LADDER } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allFees, allWei, eventsOf, transfers, until } from './ledger.ts'
import { type NetworkForm, startTestNetwork } from './network-fixture.ts'
import { type Pushed, push } from './push.ts'

/** Segments of the clip; the long form of the suite (npm run test:network) takes 60. */
const SEGMENTS = Number(process.env.MILLRACE_NETWORK_SEGMENTS ?? 16)
const FPS = 30
const SEGMENT_FRAMES = 2 * FPS

/** One paid video from end to end: what is sold is what was bought, every segment is paid, every wei is where it belongs. */
export function paidVideoSuite(form: NetworkForm): void {
  describe(`a paid video, ${form}`, () => {
    let running: Awaited<ReturnType<typeof startTestNetwork>>
    let clip: TestClip
    let firstBlock = 0n
    let weiBefore = 0n
    let gatewayTransactions = 0
    const results: Pushed[] = []

    beforeAll(async () => {
      clip = await makeTestClip({ seconds: 2 * SEGMENTS, width: 640, height: 360, fps: FPS, seed: 7 })
      running = await startTestNetwork(form)
      const { client } = running.network
      if (!client) throw new Error('the network has no chain')
      firstBlock = await client.rpc.getBlockNumber()
      weiBefore = await allWei(client, firstBlock)
      gatewayTransactions = await transactionsOf(running.network)
    }, 120_000)

    afterAll(async () => running?.[Symbol.asyncDispose]())

    it('gives four renditions for every segment, also when an orchestrator is killed in mid-stream', async () => {
      const { network } = running
      expect(clip.segments).toHaveLength(SEGMENTS)
      const killAt = Math.floor(SEGMENTS / 2)
      for (const segment of clip.segments) {
        if (segment.seq === killAt) {
          // Whoever made the last segment dies while the next one is under way.
          const victim = results.at(-1)?.orchestrator
          const name = Object.values(network.hub.view().nodes).find((node) => node.address === victim)?.name
          const pushing = push(network.gatewayUrl, { stream: 'clip', ...segment })
          await network.kill(name ?? '')
          results.push(await pushing)
          console.log(`  killed ${name}, segment ${segment.seq} came from ${results.at(-1)?.orchestrator}`)
          expect(results.at(-1)?.orchestrator).not.toBe(victim)
        } else results.push(await push(network.gatewayUrl, { stream: 'clip', ...segment }))
        if (segment.seq % 10 === 9) console.log(`  ${segment.seq + 1} of ${SEGMENTS} segments`)
      }
      expect(results.map(({ status, text }) => ({ status, text }))).toEqual(
        results.map(() => ({ status: 200, text: '' })),
      )
      for (const { renditions } of results)
        expect([...renditions.keys()]).toEqual(DEFAULT_LADDER.map(({ name }) => name))
    }, 600_000)

    it('delivers pictures that decode, begin with a key frame, keep their time stamps, and show what was filmed', async () => {
      for (const [i, { name, height }] of DEFAULT_LADDER.entries()) {
        let lastPts = Number.NEGATIVE_INFINITY
        const marks: number[] = []
        for (const [seq, { renditions }] of results.entries()) {
          const seen = await inspectSegment(renditions.get(name) as Uint8Array)
          expect(seen).toMatchObject({
            videoCodec: 'h264',
            height,
            frames: SEGMENT_FRAMES,
            firstIsKey: true,
            decodeErrors: 0,
          })
          expect(seen.audioFrames).toBeGreaterThan(0)
          const expected = seen.pts.map((_, frame) => (seen.pts[0] as number) + frame * (90_000 / FPS))
          expect(seen.pts).toEqual(expected)
          if (seq > 0) expect((seen.pts[0] as number) - lastPts).toBe(90_000 / FPS)
          lastPts = seen.pts.at(-1) as number
          marks.push(...seen.marks)
        }
        // The numbers in the pixels prove that these are the source's own pictures, in order.
        expect(dedupe(marks)).toEqual(dedupe(clip.marks))
        console.log(
          `  rendition ${i + 1} of ${DEFAULT_LADDER.length}: ${name} holds ${marks.length} of the source's numbers`,
        )
      }
    }, 600_000)

    it('pays for every segment, by both ledgers', async () => {
      const { network } = running
      await until('all segments', () => eventsOf(network, 'segment_transcoded').length >= SEGMENTS)
      const transcoded = network.hub.recent().filter((event) => event.type === 'segment_transcoded')
      expect(transcoded.every((event) => event.paid && BigInt(event.feeWei) > 0n)).toBe(true)
      const debits = network.hub.recent().filter((event) => event.type === 'segment_debited')
      expect(debits.length).toBeGreaterThanOrEqual(SEGMENTS)
      expect(debits.every((event) => BigInt(event.balanceWei) >= 0n)).toBe(true)
      const { totals } = network.hub.view()
      expect(totals).toMatchObject({
        segmentsIn: SEGMENTS,
        segmentsOut: SEGMENTS,
        paid: SEGMENTS,
        missing: 0,
        fallback: 0,
      })
      expect(results.reduce((sum, { feeWei }) => sum + feeWei, 0n)).toBe(totals.feesWei)
    })

    it('redeems winning tickets: the fees on chain equal what was paid out, and no wei is made or lost', async () => {
      const { network } = running
      const { client } = network
      if (!client) throw new Error('the network has no chain')
      const winners = () => network.hub.view().totals.ticketsWon
      // Sixteen segments carry eighty tickets, and once in five thousand runs none of them wins.
      for (let seq = SEGMENTS; winners() === 0 && seq < SEGMENTS + 80; seq++) {
        const segment = clip.segments[seq % SEGMENTS]
        if (segment) await push(network.gatewayUrl, { stream: 'clip', ...segment, seq })
      }
      await until('a redeemed ticket', () => network.hub.view().totals.ticketsRedeemed > 0, 90_000)
      const block = await client.rpc.getBlockNumber()
      const paid = await transfers(client, firstBlock, block)
      expect(paid.count).toBeGreaterThanOrEqual(1)
      const fees = await allFees(client, block)
      // Shares of delegators are rounded down: less than one wei for each redemption and earner is lost in the sum.
      expect(paid.wei - fees).toBeGreaterThanOrEqual(0n)
      expect(paid.wei - fees).toBeLessThanOrEqual(BigInt(paid.count) * 6n)
      expect(await allWei(client, block)).toBe(weiBefore)
      console.log(`  ${paid.count} tickets redeemed for ${paid.wei} wei, fees on chain ${fees} wei`)
    }, 120_000)

    it('wins about one ticket in ten, and costs the gateway no transaction', async () => {
      const { network } = running
      const { ticketsSent, ticketsWon } = network.hub.view().totals
      // Seven standard deviations and a few for small numbers: beyond them less than one run in a million.
      const bound = 7 * Math.sqrt(ticketsSent * 0.1 * 0.9) + 4
      expect(Math.abs(ticketsWon - ticketsSent / 10)).toBeLessThanOrEqual(bound)
      expect(await transactionsOf(network)).toBe(gatewayTransactions)
      const share = ((100 * ticketsWon) / ticketsSent).toFixed(1)
      console.log(`  ${ticketsWon} of ${ticketsSent} tickets won (${share} %), no transaction by the gateway`)
    })

    it('shows figures that equal the chain at the same block', async () => {
      const { network } = running
      const { client } = network
      const state = network.hub.view().chain
      if (!client || !state) throw new Error('the network has no chain')
      const block = BigInt(state.block)
      const { totalSupply, getSenderInfo, getOrchestrator } = await import('@millrace/chain')
      expect((await totalSupply(client, { block })).toString()).toBe(state.totalSupplyLpt)
      const info = await getSenderInfo(client, network.gatewayAddress as `0x${string}`, { block })
      expect(info.deposit.toString()).toBe(state.sender?.depositWei)
      for (const shown of state.orchestrators)
        expect((await getOrchestrator(client, shown.address, { block })).stake.toString()).toBe(shown.stakeLpt)
    })
  })
}

/** How many transactions the gateway's account has sent. */
async function transactionsOf({ client, gatewayAddress }: Network): Promise<number> {
  if (!client || !gatewayAddress) throw new Error('the network has no chain')
  return client.rpc.getTransactionCount({ address: gatewayAddress })
}

/** Each run of equal numbers once: a number stays on the picture for some frames, and a segment may cut such a run in two. */
const dedupe = (numbers: readonly number[]): number[] => numbers.filter((n, i) => i === 0 || n !== numbers[i - 1])

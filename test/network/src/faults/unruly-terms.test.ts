import type { Network } from '@millrace/devnet'
import { makeTestClip, type TestClip } from '@millrace/media/testing'
import { DEVNET_PRICE_PER_PIXEL } from '@millrace/payments'
import type { NodeEventOf } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventsOf, until } from '../ledger.ts'
import { FORMS, LONG, printOutcome } from '../live-stream.ts'
import { freePorts, startTestNetwork } from '../network-fixture.ts'
import { type Pushed, push } from '../push.ts'
import { UnrulyLink } from './unruly-link.ts'

const SEGMENTS = Number(LONG ?? 4)
/** More than ticket parameters are valid for. */
const BLOCKS = 20

describe.each(FORMS)('a stream loses nothing, %s,', { timeout: 400_000 }, (form) => {
  let clip: TestClip
  let links: readonly UnrulyLink[]
  let running: Awaited<ReturnType<typeof startTestNetwork>>
  let network: Network

  beforeAll(async () => {
    clip = await makeTestClip({ seconds: 2 * SEGMENTS, width: 320, height: 180, seed: 31, audio: false })
    const ports = await freePorts()
    const open = (index: 0 | 1) => UnrulyLink.open(() => ports.orchestrators[index])
    const [first, second] = [await open(0), await open(1)]
    links = [first, second]
    running = await startTestNetwork(form, { ports, reachedAt: [first.port, second.port] })
    network = running.network
  }, 120_000)

  afterAll(async () => {
    await running?.[Symbol.asyncDispose]()
    for (const link of links ?? []) await link[Symbol.asyncDispose]()
  })

  const pushTo = (stream: string, seq: number) => push(network.gatewayUrl, { stream, ...clip.segments[seq]! })

  /** Pushes one segment after the other. */
  async function pushAll(stream: string, before: (seq: number) => unknown = () => {}): Promise<readonly Pushed[]> {
    const pushes: Pushed[] = []
    for (let seq = 0; seq < SEGMENTS; seq++) {
      await before(seq)
      pushes.push(await pushTo(stream, seq))
    }
    return pushes
  }

  /** Every segment came back from an orchestrator and was paid; told by the stream's own events. */
  async function expectAllSold(what: string, streams: readonly string[], faults: number): Promise<void> {
    const of = <E extends { readonly manifestId: string }>(type: string) =>
      (eventsOf(network, type) as unknown as E[]).filter(({ manifestId }) => streams.includes(manifestId))
    const segments = streams.length * SEGMENTS
    await until('all segments', () => of('segment_transcoded').length + of('segment_lost').length >= segments)
    const transcoded = of<NodeEventOf<'segment_transcoded'>>('segment_transcoded')
    const lost = of<NodeEventOf<'segment_lost'>>('segment_lost')
    printOutcome(`${what}, ${form}`, {
      segmentsIn: segments,
      segmentsOut: transcoded.length,
      fallback: lost.length,
      missing: segments - transcoded.length - lost.length,
      paid: transcoded.filter(({ paid }) => paid).length,
      attemptsFailed: of('segment_attempt_failed').length,
      faults,
    })
    expect(faults, 'a scenario without a fault shows nothing').toBeGreaterThan(0)
    expect(lost).toEqual([])
    expect(transcoded.filter(({ paid }) => paid)).toHaveLength(segments)
  }

  it('when an orchestrator has no session left for it', async () => {
    for (const index of [0, 1] as const) await operate(network, index, '/setMaxSessions', { maxSessions: '1' })
    // The second stream asks both for their terms when one of them has its only session already.
    const pushes = [await pushTo('one', 0), await pushTo('two', 0)]
    for (let seq = 1; seq < SEGMENTS; seq++)
      pushes.push(...(await Promise.all([pushTo('one', seq), pushTo('two', seq)])))
    const refusals = [
      ...(await leftOut(network, 'one')),
      ...(await leftOut(network, 'two')),
      ...(eventsOf(network, 'segment_attempt_failed') as NodeEventOf<'segment_attempt_failed'>[]).map((e) => e.message),
    ].filter((text) => text.includes('OrchestratorCapped'))
    for (const index of [0, 1] as const) await operate(network, index, '/setMaxSessions', { maxSessions: '10' })
    await expectAllSold('one session each', ['one', 'two'], refusals.length)
    expect(new Set(pushes.map(({ orchestrator }) => orchestrator)).size).toBe(2)
  })

  it('when its orchestrator more than doubles the price', async () => {
    const { num, den } = DEVNET_PRICE_PER_PIXEL
    const dear = { pricePerUnit: `${5n * num}`, pixelsPerUnit: `${den}`, broadcasterEthAddr: 'default' }
    let raised = 0
    const pushes = await pushAll('dear', async (seq) => {
      const busy = seq === 2 ? busyOf(network, 'dear') : undefined
      if (busy === undefined) return
      await operate(network, busy, '/setPriceForBroadcaster', dear)
      // A session keeps its price; the next one, with new ticket parameters, has the new price.
      await mine(network)
      raised++
    })
    await expectAllSold('price raised fivefold', ['dear'], raised)
    expect(pushes[2]?.orchestrator).not.toBe(pushes[1]?.orchestrator)
    const usual = { ...dear, pricePerUnit: `${num}` }
    for (const index of [0, 1] as const) await operate(network, index, '/setPriceForBroadcaster', usual)
  })

  it('when all ticket parameters expire between two segments', async () => {
    let expired = 0
    await pushAll('expired', async (seq) => {
      if (seq % 2 === 0) return
      await mine(network)
      expired++
    })
    await expectAllSold('ticket parameters expired', ['expired'], expired)
  })

  it('when every payment arrives twice, and is taken once', async () => {
    for (const link of links) link.mode = 'each twice'
    await pushAll('twice')
    for (const link of links) link.mode = 'as they come'
    const replayed = links.flatMap((link) => link.replayed)
    await expectAllSold('payments replayed', ['twice'], replayed.length)
    // Where a second orchestrator was asked because a result was late, one is paid for more segments, and the other from credit later.
    expect(replayed.length).toBeGreaterThanOrEqual(0.8 * SEGMENTS)
    for (const { status, text } of replayed) {
      expect(status).toBe(400)
      expect(text).toContain('already seen')
    }
  })

  it('when payments arrive in another order than they were made', async () => {
    for (const link of links) link.mode = 'in pairs, the second first'
    for (let seq = 0; seq + 1 < SEGMENTS; seq += 2)
      await Promise.all([pushTo('turned', seq), pushTo('turned', seq + 1)])
    for (const link of links) link.mode = 'as they come'
    await expectAllSold(
      'payments in another order',
      ['turned'],
      links.reduce((sum, { swapped }) => sum + swapped, 0),
    )
  })
})

/** Which orchestrator made the stream's last segment: 0 or 1. */
function busyOf(network: Network, stream: string): 0 | 1 | undefined {
  const last = (eventsOf(network, 'segment_transcoded') as NodeEventOf<'segment_transcoded'>[]).findLast(
    ({ manifestId }) => manifestId === stream,
  )
  const name = Object.values(network.hub.view().nodes).find((node) => last && node.address === last.orchestrator)?.name
  return name === 'orchestrator-1' ? 0 : name === 'orchestrator-2' ? 1 : undefined
}

/** Changes the terms of an orchestrator while it runs, as its operator would. */
async function operate(
  { options }: Network,
  index: 0 | 1,
  path: string,
  parameters: Readonly<Record<string, string>>,
): Promise<void> {
  const url = `http://127.0.0.1:${options.ports.orchestratorCli[index]}${path}`
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(parameters) })
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
}

/** Lets more blocks go by than ticket parameters are valid for; resolves once all know: an orchestrator that does not yet would give terms that have expired. */
async function mine({ client, options }: Network): Promise<void> {
  if (!client) throw new Error('the network has no chain')
  await client.rpc.request({ method: 'anvil_mine', params: [`0x${BLOCKS.toString(16)}`] } as never)
  const block = await client.rpc.getBlockNumber({ cacheTime: 0 })
  const seen = async (port: number) => {
    const answer = await fetch(`http://127.0.0.1:${port}/currentBlock`)
    return BigInt(`0x${Buffer.from(await answer.arrayBuffer()).toString('hex')}`)
  }
  for (const port of [options.ports.gatewayCli, ...options.ports.orchestratorCli])
    await until('the nodes to see the blocks', async () => (await seen(port)) >= block)
}

/** Why orchestrators were not even asked, over all choices of a stream. */
async function leftOut({ options }: Network, stream: string): Promise<readonly string[]> {
  const answer = await fetch(`http://127.0.0.1:${options.ports.gatewayCli}/explain/${stream}`)
  const { choices } = (await answer.json()) as { choices: { leftOut: { detail: string }[] }[] }
  return choices.flatMap((choice) => choice.leftOut.map(({ detail }) => detail))
}

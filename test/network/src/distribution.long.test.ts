import type { Network } from '@millrace/devnet'
import { DEFAULT_LADDER, type NodeEvent, type NodeEventOf, type NodeEventType } from '@millrace/wire'
import { expect, it } from 'vitest'
import { until } from './ledger.ts'
import { startTestNetwork } from './network-fixture.ts'

const STREAM = 'live'
const LADDER = DEFAULT_LADDER.slice(3)

const of = <Type extends NodeEventType>(network: Network, type: Type) =>
  network.hub.recent().filter((event): event is NodeEvent & NodeEventOf<Type> => event.type === type)
const sum = (values: readonly (string | number)[]): bigint => values.reduce((all: bigint, one) => all + BigInt(one), 0n)

/** A viewer of one rendition of fMP4, who begins with the multivariant playlist and fetches each segment once. */
class Viewer {
  readonly sizes = new Map<number, number>()
  /** Segments that came from an edge, and from the gateway. */
  readonly from = { edge: 0, gateway: 0 }
  failures = 0
  /** Where the last one was that came from an edge. */
  lastAtEdge = ''
  readonly #playlist: string

  private constructor(playlist: string) {
    this.#playlist = playlist
  }

  static async open(gatewayUrl: string): Promise<Viewer> {
    const master = `${gatewayUrl}/cmaf/${STREAM}/fmp4.m3u8`
    const lines = (await (await fetch(master)).text()).split('\n')
    const uri = lines.find((line) => !line.startsWith('#') && line.includes('/fmp4.m3u8?v='))
    return new Viewer(new URL(uri ?? 'no-variant', master).href)
  }

  /** As a player: what cannot be fetched is asked for again. */
  async step(): Promise<this> {
    const lines = (await (await fetch(this.#playlist)).text()).split('\n')
    for (const line of lines) {
      const seq = Number(/^[^#].*-(\d+)\.m4s/.exec(line)?.[1] ?? Number.NaN)
      if (Number.isNaN(seq)) continue
      const file = new URL(line, this.#playlist).href
      if (this.sizes.has(seq)) continue
      const answer = await fetch(file, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined)
      if (!answer?.ok) {
        this.failures++
        return this
      }
      this.sizes.set(seq, (await answer.arrayBuffer()).byteLength)
      if (answer.url.includes('/edge/')) this.lastAtEdge = answer.url
      this.from[answer.url.includes('/edge/') ? 'edge' : 'gateway']++
    }
    return this
  }
}

it('viewers fetch from orchestrators: what is served is billed, what is paid is credited, and a dead edge costs nobody a segment', async () => {
  await using running = await startTestNetwork('one process', {
    source: { kind: 'generated', name: STREAM, width: 640, height: 360, bitrateBps: 1_000_000 },
    ladder: LADDER,
    gateway: { distribution: { edges: 1 } },
    distribute: true,
  })
  const { network } = running
  await until('the playlists', async () => (await fetch(`${network.gatewayUrl}/cmaf/${STREAM}/fmp4.m3u8`)).ok)
  const viewer = await Viewer.open(network.gatewayUrl)
  await until('three segments from the edge', async () => (await viewer.step()).from.edge >= 3)
  expect(viewer.failures).toBe(0)

  const file = viewer.lastAtEdge
  const token = /\/edge\/[^/]+\/([^/]+)\//.exec(file)?.[1] as string
  const other = token.startsWith('A') ? `B${token.slice(1)}` : `A${token.slice(1)}`
  expect((await fetch(file.replace(token, other))).status).toBe(403)
  // It had what it was sent there for, and nobody pays for more.
  const again = new Set<number>()
  for (let i = 0; i < 1_000; i++) again.add((await fetch(file)).status)
  expect(again).toEqual(new Set([429]))

  const [first] = of(network, 'edge_chosen')
  const explained = network.node('gateway')?.gateway?.explain(STREAM)?.edges
  expect(explained).toMatchObject({ serving: [{ serviceUri: first?.orchestratorUri }] })
  await until('the bill', () => {
    const billed = sum(of(network, 'distribution_used').map(({ bytes }) => bytes))
    return billed > 0n && billed === sum(of(network, 'distribution_debited').map(({ bytes }) => bytes))
  })
  const dead = ['orchestrator-1', 'orchestrator-2'].find(
    (name) => network.config(name)?.orchestrator?.serviceUri === first?.orchestratorUri,
  )
  const next = await Viewer.open(network.gatewayUrl)
  await until('another viewer at the edge', async () => (await next.step()).from.edge > 0)
  await network.kill(dead as string)
  const newest = Math.max(...next.sizes.keys())
  await until('three segments more', async () => (await next.step()).sizes.has(newest + 3))
  await until('another edge', () => of(network, 'edge_chosen').length > 1)
  const before = next.from.edge
  await until('a segment from it', async () => (await next.step()).from.edge > before)
  const seqs = [...next.sizes.keys()].sort((a, b) => a - b)
  expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] as number) + i))
  console.log(
    `  ${next.failures} requests failed when the edge died; from edges ${next.from.edge}, from the gateway ${next.from.gateway}`,
  )

  await network.node('gateway')?.stop()
  for (const { sessionId } of of(network, 'edge_chosen')) {
    const here = <E extends { readonly sessionId: string }>(events: readonly E[]) =>
      events.filter((event) => event.sessionId === sessionId)
    const paid = sum(here(of(network, 'distribution_paid')).map(({ expectedValueWei }) => expectedValueWei))
    const credited = sum(here(of(network, 'distribution_credited')).map(({ creditWei }) => creditWei))
    const used = here(of(network, 'distribution_used'))
    const debited = here(of(network, 'distribution_debited'))
    console.log(
      `  session ${sessionId}: ${sum(used.map(({ bytes }) => bytes))} bytes, paid ${paid} wei, credited ${credited}`,
    )
    if (sessionId === first?.sessionId) {
      // What was on its way to it when it died is the only thing in doubt.
      const last = here(of(network, 'distribution_paid')).at(-1)
      expect(paid - credited).toBeLessThanOrEqual(BigInt(last?.expectedValueWei ?? 0))
      continue
    }
    expect(credited).toBe(paid)
    expect(sum(used.map(({ bytes }) => bytes))).toBe(sum(debited.map(({ bytes }) => bytes)))
    expect(sum(used.map(({ feeWei }) => feeWei))).toBe(sum(debited.map(({ feeWei }) => feeWei)))
    expect(paid).toBeGreaterThanOrEqual(sum(used.map(({ feeWei }) => feeWei)))
  }
}, 120_000)

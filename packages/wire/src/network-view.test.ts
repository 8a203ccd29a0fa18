import { describe, expect, it } from 'vitest'
import type { NodeEvent, NodeEventBody } from './events.ts'
import { type Address, manifestId, nodeId, sessionId } from './identifiers.ts'
import { decodeView, EMPTY_VIEW, encodeView, foldEvent, type NetworkView } from './network-view.ts'

const O: Address = '0x00000000000000000000000000000000000000a1'
const G: Address = '0x00000000000000000000000000000000000000b2'
const clip = manifestId('clip')
const s = sessionId('s')
const LARGE = (2n ** 90n).toString()

const by = (node: string, ...bodies: NodeEventBody[]): NodeEvent[] =>
  bodies.map((body) => ({ v: 1, nodeId: nodeId(node), atMs: 0, ...body }) as NodeEvent)
const fold = (events: readonly NodeEvent[], from: NetworkView = EMPTY_VIEW): NetworkView =>
  events.reduce(foldEvent, from)

const segment = (seq: number) => ({ manifestId: clip, seq })
const job = (seq: number) => ({ ...segment(seq), sessionId: s, worker: nodeId('w') })

/** What happens in a small network while three segments go through it, one of them to nobody. */
const RECORDED: readonly NodeEvent[] = [
  ...by('g', { type: 'node_started', roles: ['gateway'], name: 'gateway', address: G }),
  ...by('o', { type: 'node_started', roles: ['orchestrator'], name: 'orch', address: O, serviceUri: 'https://o' }),
  ...by('w', { type: 'node_started', roles: ['worker'], name: 'worker', serves: nodeId('o'), engine: 'ffmpeg 7' }),
  ...by('g', { type: 'stream_started', manifestId: clip, ingest: 'rtmp', renditions: ['240p0', '360p0'] }),
  ...[0, 1, 2].flatMap((seq) =>
    by(
      'g',
      { type: 'segment_received', ...segment(seq), durationMs: 2_000, bytes: 10 },
      {
        type: 'segment_submitted',
        ...segment(seq),
        orchestrator: O,
        sessionId: s,
        attempt: 1,
        tickets: 4,
        expectedValueWei: '100',
      },
    ),
  ),
  ...by('o', {
    type: 'payment_received',
    ...segment(0),
    sender: G,
    sessionId: s,
    tickets: 8,
    creditWei: '200',
    balanceWei: '1',
  }),
  ...by(
    'w',
    { type: 'work_started', ...job(0) },
    { type: 'work_started', ...job(1) },
    { type: 'work_started', ...job(2) },
  ),
  ...by(
    'w',
    { type: 'work_done', ...job(0), elapsedMs: 5, pixels: '1' },
    { type: 'work_failed', ...job(2), message: 'no video' },
  ),
  ...[0, 1].flatMap((seq) => [
    ...by('o', {
      type: 'segment_debited',
      ...segment(seq),
      sender: G,
      sessionId: s,
      feeWei: LARGE,
      balanceWei: '0',
      pixels: '1',
    }),
    ...by('g', {
      type: 'segment_transcoded',
      ...segment(seq),
      orchestrator: O,
      sessionId: s,
      delayMs: 700 + seq,
      pixels: '1',
      feeWei: LARGE,
      paid: seq === 0,
      renditions: [
        { name: '240p0', bytes: 100 },
        { name: '360p0', bytes: 200 },
      ],
    }),
  ]),
  ...by(
    'g',
    { type: 'segment_attempt_failed', ...segment(2), orchestrator: O, code: 'x', message: 'no video' },
    { type: 'orchestrator_suspended', orchestrator: O, reason: 'too slow' },
    { type: 'segment_lost', ...segment(2), outcome: 'fallback', reason: 'all_failed' },
  ),
  ...by(
    'o',
    { type: 'ticket_won', ticketHash: '0x1', sender: G, faceValueWei: '1000' },
    { type: 'ticket_won', ticketHash: '0x2', sender: G, faceValueWei: '1000' },
    {
      type: 'ticket_redeemed',
      ticketHash: '0x1',
      sender: G,
      recipient: O,
      faceValueWei: '1000',
      paidWei: '999',
      txHash: '0x',
      block: '5',
    },
    { type: 'ticket_dropped', ticketHash: '0x2', reason: 'ticket_used' },
    { type: 'round_initialized', round: '2', block: '60' },
    { type: 'reward_called', orchestrator: O, round: '2', amountLpt: LARGE, txHash: '0x' },
    { type: 'warning', code: 'w', message: 'careful' },
  ),
]

describe('events folded into a view', () => {
  const view = fold(RECORDED)

  it('give the totals', () => {
    expect(view.totals).toEqual({
      segmentsIn: 3,
      segmentsOut: 2,
      renditionsOut: 4,
      paid: 1,
      fallback: 1,
      missing: 0,
      attemptsFailed: 1,
      ticketsSent: 12,
      ticketsReceived: 8,
      ticketsWon: 2,
      ticketsRedeemed: 1,
      ticketsDropped: 1,
      expectedValueWei: 300n,
      feesWei: 2n * 2n ** 90n,
      redeemedWei: 999n,
      roundsInitialized: 1,
      rewardCalls: 1,
      rewardsLpt: 2n ** 90n,
    })
  })

  it('give each stream', () => {
    expect(view.streams.clip).toEqual({
      manifestId: clip,
      gateway: 'g',
      ingest: 'rtmp',
      live: true,
      segmentsIn: 3,
      segmentsOut: 2,
      renditions: { '240p0': { segments: 2, bytes: 200 }, '360p0': { segments: 2, bytes: 400 } },
      durationInMs: 6_000,
      lastDelayMs: 701,
      paid: 1,
      fallback: 1,
      missing: 0,
      feesWei: 2n * 2n ** 90n,
      lastOrchestrator: O,
    })
    expect(fold(by('g', { type: 'stream_ended', manifestId: clip, reason: '' }), view).streams.clip?.live).toBe(false)
  })

  it('give each node', () => {
    expect(view.nodes.o).toMatchObject({
      name: 'orch',
      up: true,
      segments: 2,
      feesWei: 2n * 2n ** 90n,
      ticketsReceived: 8,
      ticketsWon: 2,
      ticketsRedeemed: 1,
      redeemedWei: 999n,
      suspendedReason: 'too slow',
    })
    expect(view.nodes.w).toMatchObject({ serves: 'o', engine: 'ffmpeg 7', busy: 1, segments: 1 })
    expect(view.nodes.g).toMatchObject({ segments: 2 })
    const stopped = fold(by('w', { type: 'node_stopped' }), view)
    expect(stopped.nodes.w).toMatchObject({ up: false, busy: 0, segments: 1 })
    const again = fold(by('w', { type: 'node_started', roles: ['worker'], name: 'worker' }), stopped)
    expect(again.nodes.w).toMatchObject({ up: true, segments: 1 })
  })

  it('leave the views before them as they were', () => {
    const before = encodeView(view)
    fold(RECORDED, view)
    expect(encodeView(view)).toBe(before)
    expect(EMPTY_VIEW.totals.segmentsIn).toBe(0)
  })

  it('tell of a price that changed, and not of one for a gateway alone', () => {
    const changed = { type: 'price_changed', pricePerPixel: '7/2' } as const
    const priceAfter = (...events: readonly NodeEvent[]) => fold([...RECORDED, ...events]).nodes.o?.pricePerPixel
    expect(priceAfter(...by('o', changed))).toBe('7/2')
    expect(priceAfter(...by('o', { ...changed, sender: G }))).toBeUndefined()
  })

  it('that nobody knows change nothing', () => {
    const unknown = [{ v: 1, nodeId: 'x', atMs: 0, type: 'from_the_future', amount: 5 }] as unknown as NodeEvent[]
    expect(fold(unknown, view)).toBe(view)
  })

  it('of a stream that nobody announced count in the totals only, whatever it is called', () => {
    for (const name of ['unknown', 'constructor', '__proto__', 'toString']) {
      const event = by('g', { type: 'segment_received', manifestId: manifestId(name), seq: 0, durationMs: 1, bytes: 1 })
      const after = fold(event)
      expect(after.totals.segmentsIn, name).toBe(1)
      expect(Object.keys(after.streams), name).toEqual([])
    }
  })

  it('tell of a stream and a node by whatever name', () => {
    for (const name of ['constructor', '__proto__']) {
      const id = manifestId(name)
      const after = fold([
        ...by(name, { type: 'node_started', roles: ['gateway'], name }),
        ...by(name, { type: 'stream_started', manifestId: id, ingest: 'http', renditions: [] }),
        ...by(name, { type: 'segment_received', manifestId: id, seq: 0, durationMs: 7, bytes: 1 }),
      ])
      expect(Object.entries(after.streams).map(([key, stream]) => [key, stream.durationInMs])).toEqual([[name, 7]])
      expect(Object.entries(after.nodes).map(([key, node]) => [key, node.segments])).toEqual([[name, 0]])
    }
  })

  it('are bounded: old warnings go, and of many streams those that ended', () => {
    const warnings = Array.from({ length: 30 }, (_, i) =>
      by('g', { type: 'warning', code: 'w', message: `${i}` }),
    ).flat()
    expect(fold(warnings).warnings.map(({ message }) => message)).toEqual(
      Array.from({ length: 20 }, (_, i) => String(i + 10)),
    )
    const streams = Array.from({ length: 150 }, (_, i) => manifestId(`s${i}`))
    const many = streams.flatMap((id, i) => [
      ...by('g', { type: 'stream_started', manifestId: id, ingest: 'http', renditions: [] }),
      ...(i === 0 ? [] : by('g', { type: 'stream_ended', manifestId: id, reason: '' })),
    ])
    const left = Object.keys(fold(many).streams)
    expect(left).toHaveLength(100)
    expect(left).toContain('s0')
    expect(left).toContain('s149')
  })
})

describe('a view as JSON', () => {
  it('comes back exactly, amounts and all', () => {
    const view = fold([...RECORDED, ...by('g', { type: 'warning', code: 'w', message: '{"$wei":"5"}' })])
    const decoded = decodeView(encodeView(view))
    expect(decoded).toEqual(view)
    expect(encodeView(decoded)).toBe(encodeView(view))
    expect(typeof decoded.totals.feesWei).toBe('bigint')
  })

  it('goes on being folded as if it had never been text', () => {
    const half = Math.floor(RECORDED.length / 2)
    const resumed = fold(RECORDED.slice(half), decodeView(encodeView(fold(RECORDED.slice(0, half)))))
    expect(resumed).toEqual(fold(RECORDED))
  })
})

import {
  type Address,
  EMPTY_VIEW,
  formatLpt,
  formatWei,
  manifestId,
  type NetworkView,
  type NodeView,
  nodeId,
  type StreamView,
} from '@millrace/wire'
import { describe, expect, it } from 'vitest'
import { formatDuration, renderTable } from './table.ts'

const O: Address = '0x00000000000000000000000000000000000000a1'
const G: Address = '0x00000000000000000000000000000000000000b2'

const stream = (name: string, more: Partial<StreamView> = {}): StreamView => ({
  manifestId: manifestId(name),
  gateway: nodeId('g'),
  ingest: 'rtmp',
  live: true,
  segmentsIn: 31,
  segmentsOut: 29,
  renditions: { '240p0': { segments: 28, bytes: 1 }, '720p0': { segments: 27, bytes: 1 } },
  durationInMs: 62_000,
  lastDelayMs: 1_234,
  paid: 26,
  fallback: 2,
  missing: 1,
  feesWei: 5n,
  lastOrchestrator: O,
  ...more,
})

const node = (name: string, more: Partial<NodeView> = {}): NodeView =>
  ({ ...BLANK, nodeId: nodeId(name), name, ...more }) as NodeView
const BLANK = {
  roles: [],
  up: true,
  segments: 0,
  feesWei: 0n,
  ticketsReceived: 0,
  ticketsWon: 0,
  ticketsRedeemed: 0,
  ticketsDropped: 0,
  redeemedWei: 0n,
  busy: 0,
}

const VIEW: NetworkView = {
  ...EMPTY_VIEW,
  nodes: {
    g: node('gateway', { roles: ['gateway'] }),
    o: node('orch-1', { roles: ['orchestrator', 'redeemer'], address: O, segments: 41 }),
    w: node('worker-1', { roles: ['worker'], segments: 43, busy: 3, engine: 'ffmpeg 7.1' }),
    d: node('worker-2', { roles: ['worker'], up: false, segments: 44 }),
  },
  streams: { clip: stream('clip') },
  totals: {
    ...EMPTY_VIEW.totals,
    paid: 51,
    feesWei: 52_000_000_000n,
    expectedValueWei: 53_000_000_000_000_000n,
    ticketsSent: 54,
    ticketsReceived: 200,
    ticketsWon: 25,
    ticketsRedeemed: 17,
    redeemedWei: 56n,
    rewardCalls: 57,
    rewardsLpt: 58n * 10n ** 18n,
  },
  chain: {
    v: 1,
    nodeId: nodeId('chain'),
    atMs: 0,
    type: 'chain_state',
    block: '1234',
    round: '20',
    roundInitialized: true,
    blocksToNextRound: 26,
    totalSupplyLpt: (450_000n * 10n ** 18n).toString(),
    totalBondedLpt: (270_001n * 10n ** 18n).toString(),
    inflationPerc9: '1',
    orchestrators: [
      {
        address: O,
        serviceUri: '',
        active: true,
        stakeLpt: (250_002n * 10n ** 18n).toString(),
        pendingFeesWei: '777',
        rewardCutPerc6: '200000',
        feeSharePerc6: '500000',
        lastRewardRound: '20',
        delegators: [
          { address: G, stakeLpt: '1' },
          { address: O, stakeLpt: '1' },
        ],
      },
    ],
    sender: { address: G, depositWei: '9500000000000000000', reserveWei: '10000000000000000000' },
  },
  warnings: [],
}

const render = (view: NetworkView, width = 400) =>
  renderTable(view, { header: ['the page: http://x'], width, upMs: 61_000 })
/** The line that begins with the label. */
const line = (view: NetworkView, label: string) => render(view).find((text) => text.startsWith(label)) ?? ''

describe('the table shows what the view holds', () => {
  it('of the chain', () => {
    expect(line(VIEW, 'chain ')).toMatch(/block 1234 · round 20 · next round in 26 blocks$/)
    expect(line(VIEW, 'LPT ')).toMatch(/450,000 LPT in all, 270,001 LPT staked · 57 reward calls minted 58 LPT$/)
    const waiting: NetworkView = { ...VIEW, chain: { ...VIEW.chain!, roundInitialized: false } }
    expect(line(waiting, 'chain ')).toContain('round 20 (not initialised yet)')
  })

  it('of streams', () => {
    expect(line(VIEW, 'stream clip')).toMatch(
      /31 segments in, 29 out · 1\.2 s to transcode · 2 by fallback, 1 missing$/,
    )
    const lines = render(VIEW)
    expect(lines[lines.findIndex((text) => text.startsWith('stream clip')) + 1]).toMatch(/240p0 28 · 720p0 27$/)
    const whole = { ...VIEW, streams: { clip: stream('clip', { fallback: 0, missing: 0, lastDelayMs: undefined }) } }
    expect(line(whole, 'stream clip')).toMatch(/31 segments in, 29 out$/)
  })

  it('of payments and tickets', () => {
    const { totals } = VIEW
    expect(line(VIEW, 'payments')).toContain('51 segments paid')
    expect(line(VIEW, 'payments')).toContain(`fees ${formatWei(totals.feesWei)}`)
    expect(line(VIEW, 'payments')).toContain(`tickets worth ${formatWei(totals.expectedValueWei)} sent`)
    expect(line(VIEW, 'tickets')).toMatch(/54 sent · 25 won \(12\.5 %\) · 17 redeemed for 56 wei$/)
    expect(line(VIEW, 'gateway')).toMatch(/deposit 9\.5 ETH · reserve 10 ETH$/)
  })

  it('of orchestrators and workers', () => {
    expect(line(VIEW, 'orch-1')).toContain('41 segments')
    expect(line(VIEW, 'orch-1')).toContain(`stake ${formatLpt(250_002n * 10n ** 18n)} from 3`)
    expect(line(VIEW, 'orch-1')).toContain('keeps 20 % of rewards')
    expect(line(VIEW, 'orch-1')).toContain('fees 777 wei')
    expect(line(VIEW, 'worker-1')).toMatch(/43 segments done, 3 under way · ffmpeg 7\.1$/)
    expect(line(VIEW, 'worker-2')).toMatch(/^worker-2\s+DOWN · 44 segments done/)
  })

  it('without a chain no figure of one', () => {
    const lines = render({ ...VIEW, chain: undefined }).join('\n')
    expect(lines).not.toMatch(/LPT|tickets|payments|stake/)
    expect(lines).toContain('31 segments in')
  })
})

it('an ended stream is not shown, of many the latest four are', () => {
  const streams = Object.fromEntries([1, 2, 3, 4, 5, 6].map((i) => [`s${i}`, stream(`s${i}`, { live: i !== 6 })]))
  const lines = render({ ...VIEW, streams }).join('\n')
  expect(lines).not.toContain('stream s6')
  expect(lines).not.toContain('stream s1 ')
  for (const i of [2, 3, 4, 5]) expect(lines).toContain(`stream s${i}`)
  expect(lines).toContain('and 1 more')
  expect(line({ ...VIEW, streams: {} }, 'streams')).toContain('none yet')
})

it('the header comes first, the latest warnings before the end', () => {
  const warnings = ['a', 'b', 'c'].map((message) => ({ ...VIEW.chain!, type: 'warning', code: '', message }) as never)
  const lines = render({ ...VIEW, warnings })
  expect(lines[0]).toBe('the page: http://x')
  expect(lines.filter((text) => text.startsWith('!'))).toEqual(['! b', '! c'])
  expect(lines.at(-1)).toContain('up 1 min 1 s')
})

it('no line is wider than the terminal', () => {
  for (const width of [2, 20, 80])
    for (const text of render(VIEW, width)) expect(text.length).toBeLessThanOrEqual(width)
  expect(render(VIEW, 40).some((text) => text.endsWith('…'))).toBe(true)
})

it.each([
  [0, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min 0 s'],
  [3_599_999, '59 min 59 s'],
  [3_600_000, '1 h 0 min'],
  [90_000_000, '25 h 0 min'],
])('%i ms are %s', (ms, text) => expect(formatDuration(ms)).toBe(text))

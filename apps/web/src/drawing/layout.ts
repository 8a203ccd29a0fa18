import { formatLpt, type NetworkView, type NodeView } from '@millrace/wire'
import { type OrchestratorRow, orchestratorRows, ownRedeemers } from '../figures/orchestrator-rows.ts'
import { shortHex } from '../format/numbers.ts'
import type { ChainPlace, DrawnLine, DrawnNode, Layout, Point } from './drawn.ts'
import { roundProgress } from './round-progress.ts'

const MOST_ORCHESTRATORS = 8
const MOST_DELEGATORS = 4
const COMPACT_BELOW = 560
const CHAIN_HEIGHT = 58
const TOP = 16

/** Places gateways on the left, orchestrators in the middle and workers on the right, the chain below all. */
export function layoutNetwork(view: NetworkView, width: number): Layout {
  const compact = width < COMPACT_BELOW
  const all = orchestratorRows(view)
  const rows = all.slice(0, MOST_ORCHESTRATORS)
  const staked = view.chain !== undefined
  const redeemers = ownRedeemers(view)
  const rowHeight = staked ? 172 + (redeemers.length === 0 ? 0 : compact ? 36 : 18) : 120
  const workTop = staked ? 104 : 56
  const columns = compact
    ? { gateway: 38, orchestrator: width / 2, worker: width - 44 }
    : { gateway: width * 0.11, orchestrator: width * 0.47, worker: width * 0.86 }
  const bodyHeight = TOP + Math.max(1, rows.length) * rowHeight
  const mostStake = rows.reduce((most, { stakeLpt }) => (stakeLpt > most ? stakeLpt : most), 0n)
  const rowY = (i: number) => TOP + i * rowHeight + workTop

  const orchestrators = rows.map((row, i) => drawnOrchestrator(row, mostStake, columns.orchestrator, rowY(i)))
  const delegators = rows.flatMap((row, i) => drawnDelegators(row, columns.orchestrator, rowY(i), compact))
  const workers = drawnWorkers(view, rows, rowY, columns.worker, compact)
  const middle = rows.length > 0 ? (rowY(0) + rowY(rows.length - 1)) / 2 : bodyHeight / 2
  const payers = drawnRedeemers(redeemers, rows, (i) =>
    compact
      ? { x: columns.worker, y: rowY(i) + 70 }
      : { x: (columns.orchestrator + columns.worker) / 2, y: rowY(i) + 52 },
  )
  const gateways = drawnGateways(view, columns.gateway, middle)
  const up = new Map([...gateways, ...orchestrators, ...workers].map((node) => [node.id, node.up]))
  const lineUp = (from: string, to: string) => up.get(from) === true && up.get(to) === true

  return {
    width,
    height: bodyHeight + (staked ? CHAIN_HEIGHT + 16 : 0),
    nodes: [...gateways, ...orchestrators, ...workers, ...payers, ...delegators.map(({ node }) => node)],
    lines: [
      ...delegators.map(({ node, to }): DrawnLine => ({ from: node.id, to, kind: 'stake', up: true })),
      ...gateways.flatMap(({ id: from }) =>
        orchestrators.map(({ id: to }): DrawnLine => ({ from, to, kind: 'work', up: lineUp(from, to) })),
      ),
      ...workers.flatMap(({ id: to }): DrawnLine[] => {
        const from = view.nodes[to]?.serves
        return from && up.has(from) ? [{ from, to, kind: 'work', up: lineUp(from, to) }] : []
      }),
    ],
    chain: view.chain && chainPlace(roundProgress(view.chain), bodyHeight + 12, width),
    hidden: all.length - rows.length,
  }
}

function chainPlace(progress: number | undefined, y: number, width: number): ChainPlace {
  const track = { x: 16, y: y + CHAIN_HEIGHT - 17, width: width - 32, height: 6 }
  return { x: 0, y, width, height: CHAIN_HEIGHT, track, progress }
}

function drawnOrchestrator(row: OrchestratorRow, mostStake: bigint, x: number, y: number): DrawnNode {
  const share = mostStake > 0n ? Number((row.stakeLpt * 1_000n) / mostStake) / 1_000 : 0.5
  const { node, onChain } = row
  return {
    id: row.id,
    kind: 'orchestrator',
    x,
    y,
    size: 18 + 12 * Math.sqrt(share),
    label: row.name,
    detail: node?.up === false ? 'stopped' : onChain ? formatLpt(row.stakeLpt) : '',
    up: node ? node.up : (onChain?.active ?? false),
    segments: node?.segments ?? 0,
    wonTickets: node ? Math.max(0, node.ticketsWon - node.ticketsRedeemed) : 0,
  }
}

function drawnDelegators(
  { id, onChain }: OrchestratorRow,
  centre: number,
  y: number,
  compact: boolean,
): readonly { readonly node: DrawnNode; readonly to: string }[] {
  const shown = (onChain?.delegators ?? []).slice(0, compact ? 2 : MOST_DELEGATORS)
  const step = compact ? 84 : 108
  return shown.map(({ address, stakeLpt }, i) => ({
    to: id,
    node: {
      id: `${id}/${address}`,
      kind: 'delegator',
      x: centre + (i - (shown.length - 1) / 2) * step,
      y: y - 68,
      size: 6,
      label: formatLpt(BigInt(stakeLpt)),
      detail: `delegator ${shortHex(address)}`,
      up: true,
    },
  }))
}

function drawnWorkers(
  view: NetworkView,
  rows: readonly OrchestratorRow[],
  rowY: (i: number) => number,
  x: number,
  compact: boolean,
): readonly DrawnNode[] {
  const workers = Object.values(view.nodes).filter((node) => node.roles.includes('worker') && !isOrchestrator(node))
  return workers.flatMap((node): DrawnNode[] => {
    const row = rows.findIndex(({ id }) => id === node.serves)
    if (row < 0) return []
    const siblings = workers.filter(({ serves }) => serves === node.serves)
    const offset = siblings.indexOf(node) - (siblings.length - 1) / 2
    return [
      {
        id: node.nodeId,
        kind: 'worker',
        x,
        y: rowY(row) + offset * Math.min(64, 130 / siblings.length),
        size: 22,
        label: node.name,
        detail: node.up ? (compact ? '' : (node.engine ?? '')) : 'stopped',
        up: node.up,
        segments: node.segments,
        busy: node.busy,
      },
    ]
  })
}

/** A redeemer of its own stands below the line of its orchestrator, or in the order of names where it tells of none. */
function drawnRedeemers(
  redeemers: readonly NodeView[],
  rows: readonly OrchestratorRow[],
  place: (row: number) => Point,
): readonly DrawnNode[] {
  return redeemers.slice(0, rows.length).map((node, i) => {
    const served = rows.findIndex(({ id }) => id === node.serves)
    return {
      id: node.nodeId,
      kind: 'redeemer',
      ...place(served < 0 ? i : served),
      size: 12,
      label: node.name,
      detail: node.up ? '' : 'stopped',
      up: node.up,
      wonTickets: Math.max(0, node.ticketsWon - node.ticketsRedeemed),
    }
  })
}

function drawnGateways(view: NetworkView, x: number, middle: number): readonly DrawnNode[] {
  const gateways = Object.values(view.nodes).filter((node) => node.roles.includes('gateway') && !isOrchestrator(node))
  return gateways.map((node, i) => ({
    id: node.nodeId,
    kind: 'gateway',
    x,
    y: middle + (i - (gateways.length - 1) / 2) * 90,
    size: 26,
    label: node.name,
    detail: node.up ? '' : 'stopped',
    up: node.up,
    segments: node.segments,
  }))
}

const isOrchestrator = (node: NodeView): boolean => node.roles.includes('orchestrator')

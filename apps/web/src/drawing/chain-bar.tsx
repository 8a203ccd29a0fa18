import type { NodeEventOf } from '@millrace/wire'
import { formatCount } from '../format/numbers.ts'
import type { Layout } from './layout.ts'
import { roundLength } from './round-length.ts'

type ChainBarProps = { readonly chain: NodeEventOf<'chain_state'>; readonly place: NonNullable<Layout['chain']> }

/** The chain below the nodes: its block, and how far the round is. */
export function ChainBar({ chain, place }: ChainBarProps) {
  const { x, y, width, height } = place
  const length = roundLength(chain)
  const track = { x: x + 16, y: y + height - 17, width: width - 32, height: 6 }
  const done = length === undefined ? 0 : Math.min(1, (length - chain.blocksToNextRound) / length)
  return (
    <g className="chain-bar" data-node="chain">
      <rect className="chain-box" x={x + 0.5} y={y} width={width - 1} height={height - 0.5} rx={12} />
      <text className="chain-name" x={track.x} y={y + 25}>
        Chain <tspan className="chain-detail">block {formatCount(BigInt(chain.block))}</tspan>
      </text>
      <text className="chain-detail" x={track.x + track.width} y={y + 25} textAnchor="end">
        round {formatCount(BigInt(chain.round))} · next in {formatCount(chain.blocksToNextRound)} blocks
      </text>
      {length !== undefined && (
        <>
          <rect className="track" {...track} rx={3} />
          <rect className="track-done" {...track} width={track.width * done} rx={3} />
        </>
      )}
    </g>
  )
}

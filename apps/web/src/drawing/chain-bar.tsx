import type { NodeEventOf } from '@millrace/wire'
import { formatCount } from '../format/numbers.ts'
import type { ChainPlace } from './drawn.ts'

type ChainBarProps = { readonly chain: NodeEventOf<'chain_state'>; readonly place: ChainPlace }

/** The chain below the nodes: its block, and how far the round is. */
export function ChainBar({ chain, place }: ChainBarProps) {
  const { x, y, width, height, track, progress } = place
  return (
    <g className="chain-bar" data-node="chain">
      <rect className="chain-box" x={x + 0.5} y={y} width={width - 1} height={height - 0.5} rx={12} />
      <text className="chain-name" x={track.x} y={y + 25}>
        Chain <tspan className="chain-detail">block {formatCount(BigInt(chain.block))}</tspan>
      </text>
      <text className="chain-detail" x={track.x + track.width} y={y + 25}>
        round {formatCount(BigInt(chain.round))} · next in {formatCount(chain.blocksToNextRound)} blocks
      </text>
      {progress !== undefined && (
        <>
          <rect className="track" {...track} rx={3} />
          <rect className="track-done" {...track} width={track.width * progress} rx={3} />
        </>
      )}
    </g>
  )
}

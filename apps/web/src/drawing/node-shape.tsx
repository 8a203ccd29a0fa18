import { formatCount } from '../format/numbers.ts'
import type { DrawnNode } from './drawn.ts'

const MOST_CHIPS = 6

/** One node of the drawing: its shape, its count of segments, its name below. */
export function NodeShape({ node }: { readonly node: DrawnNode }) {
  const { kind, x, y, size, label, detail, up, segments, busy = 0, wonTickets = 0 } = node
  const classes = ['node', kind, up ? '' : 'down', busy > 0 ? 'busy' : ''].filter(Boolean).join(' ')
  return (
    <g className={classes} data-node={node.id} data-up={up} transform={`translate(${x} ${y})`}>
      <title>{[label, detail].filter(Boolean).join(', ')}</title>
      {kind === 'orchestrator' || kind === 'delegator' ? (
        <circle className="shape" r={size} />
      ) : (
        <rect
          className="shape"
          x={-size}
          y={-size}
          width={2 * size}
          height={2 * size}
          rx={kind === 'gateway' ? 12 : 8}
        />
      )}
      {segments !== undefined && (
        <text className="count" y={5}>
          {formatCount(segments)}
        </text>
      )}
      {kind === 'delegator' ? (
        <text className="detail" y={-12}>
          {label}
        </text>
      ) : (
        <>
          <text className={kind === 'redeemer' ? 'detail' : 'name'} y={size + 17}>
            {label}
          </text>
          {detail && (
            <text className="detail" y={size + 32}>
              {detail}
            </text>
          )}
        </>
      )}
      {kind === 'redeemer' ? (
        <WonTickets count={wonTickets} x={-size - 42} y={-10} />
      ) : (
        <WonTickets count={wonTickets} x={size + 10} y={14} />
      )}
    </g>
  )
}

/** Won tickets that wait to be paid out, as squares beside the node that has them. */
function WonTickets({ count, x, y }: { readonly count: number; readonly x: number; readonly y: number }) {
  if (count === 0) return null
  const shown = Math.min(count, MOST_CHIPS)
  return (
    <g className="won-tickets">
      <title>{`${count} won tickets wait to be paid out`}</title>
      {Array.from({ length: shown }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the squares are all alike
        <rect key={i} x={x + (i % 3) * 11} y={y + Math.floor(i / 3) * 11} width={8} height={8} rx={1.5} />
      ))}
      {count > shown && (
        <text className="detail" x={x + 36} y={y + 14} textAnchor="start">
          +{formatCount(count - shown)}
        </text>
      )}
    </g>
  )
}

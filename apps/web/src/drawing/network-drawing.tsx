import type { NetworkView } from '@millrace/wire'
import { useMemo, useRef } from 'react'
import { ChainBar } from './chain-bar.tsx'
import { levelCurve, pathOf } from './curve.ts'
import type { DrawnLine, Layout } from './drawn.ts'
import { layoutNetwork } from './layout.ts'
import { NodeShape } from './node-shape.tsx'
import { type ListenToEvents, useMoves } from './use-moves.ts'
import { useWidth } from './use-width.ts'

const FIRST_WIDTH = 320

/** The network as a picture: who is there, who works for whom, and what moves between them just now. */
export function NetworkDrawing({ view, listen }: { readonly view: NetworkView; readonly listen: ListenToEvents }) {
  const frame = useRef<HTMLDivElement>(null)
  const below = useRef<SVGGElement>(null)
  const above = useRef<SVGGElement>(null)
  const width = useWidth(frame) || FIRST_WIDTH
  const layout = useMemo(() => layoutNetwork(view, width), [view, width])
  useMoves({ below, above }, layout, listen)
  return (
    <div ref={frame} className="drawing">
      <svg
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        width={layout.width}
        height={layout.height}
        role="img"
        aria-label={describe(layout)}
      >
        {layout.lines.map((line) => (
          <Line key={`${line.from} ${line.to}`} line={line} layout={layout} />
        ))}
        {layout.chain && view.chain && <ChainBar chain={view.chain} place={layout.chain} />}
        <g ref={below} className="moves" />
        {layout.nodes.map((node) => (
          <NodeShape key={node.id} node={node} />
        ))}
        <g ref={above} className="moves" />
      </svg>
      {layout.hidden > 0 && <p className="hint">and {layout.hidden} more orchestrators</p>}
    </div>
  )
}

function Line({ line, layout }: { readonly line: DrawnLine; readonly layout: Layout }) {
  const from = layout.nodes.find(({ id }) => id === line.from)
  const to = layout.nodes.find(({ id }) => id === line.to)
  if (!from || !to) return null
  const classes = `line ${line.kind}${line.up ? '' : ' down'}`
  return line.kind === 'stake' ? (
    <line className={classes} x1={from.x} y1={from.y} x2={to.x} y2={to.y} />
  ) : (
    <path className={classes} d={pathOf(levelCurve(from, to))} />
  )
}

/** The drawing in words, for those who do not see it. */
function describe({ nodes, chain }: Layout): string {
  const count = (kind: string) => nodes.filter((node) => node.kind === kind).length
  const stopped = nodes.filter((node) => !node.up).map(({ label }) => label)
  const parts = [
    `${count('gateway')} gateway`,
    `${count('orchestrator')} orchestrators`,
    `${count('worker')} workers`,
    ...(chain ? [`${count('delegator')} delegators`, 'one chain'] : []),
  ]
  return `The network: ${parts.join(', ')}.${stopped.length > 0 ? ` Stopped: ${stopped.join(', ')}.` : ''}`
}

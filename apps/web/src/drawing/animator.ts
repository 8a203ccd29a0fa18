import { type Curve, levelCurve, pointOn, uprightCurve } from './curve.ts'
import type { Layout, Point } from './layout.ts'
import { CHAIN, type Move } from './moves.ts'

type Running = { readonly move: Move; readonly beginsAt: number; readonly shape: SVGElement }

const MOST_RUNNING = 200
const SVG = 'http://www.w3.org/2000/svg'

/** Draws what moves into one SVG group; frames are asked for only while something moves. */
export class Animator {
  readonly #layer: SVGGElement
  #layout: Layout
  #running: Running[] = []
  /** When the last move of each key ends. */
  readonly #busyUntil = new Map<string, number>()
  #frame: number | undefined

  constructor(layer: SVGGElement, layout: Layout) {
    this.#layer = layer
    this.#layout = layout
  }

  /** Later frames are drawn on this layout. */
  setLayout(layout: Layout): void {
    this.#layout = layout
  }

  add(move: Move): void {
    if (document.hidden || this.#running.length >= MOST_RUNNING) return
    const now = performance.now()
    const beginsAt = Math.max(now + (move.delayMs ?? 0), this.#busyUntil.get(move.key) ?? 0)
    this.#busyUntil.set(move.key, beginsAt + move.durationMs)
    const shape = shapeOf(move.kind)
    shape.style.display = 'none'
    this.#layer.append(shape)
    this.#running.push({ move, beginsAt, shape })
    this.#frame ??= requestAnimationFrame(this.#draw)
  }

  /** Removes all that moves. */
  clear(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    this.#frame = undefined
    for (const { shape } of this.#running) shape.remove()
    this.#running = []
    this.#busyUntil.clear()
  }

  readonly #draw = (now: number): void => {
    this.#running = this.#running.filter((item) => this.#drawOne(item, now))
    if (this.#running.length > 0) this.#frame = requestAnimationFrame(this.#draw)
    else {
      this.#frame = undefined
      this.#busyUntil.clear()
    }
  }

  /** Draws one; false when it has arrived or its ends are gone. */
  #drawOne({ move, beginsAt, shape }: Running, now: number): boolean {
    const part = (now - beginsAt) / move.durationMs
    if (part < 0) return true
    const curve = part < 1 ? this.#curveOf(move) : undefined
    if (!curve) {
      shape.remove()
      return false
    }
    const { x, y } = pointOn(curve, eased(part))
    const scale = move.kind === 'won' ? 1 + 2.2 * Math.sin(Math.PI * part) : 1
    shape.style.display = ''
    shape.setAttribute('transform', `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${scale.toFixed(2)})`)
    return true
  }

  #curveOf({ kind, from, to }: Move): Curve | undefined {
    const start = this.#place(from)
    if (!start) return undefined
    if (kind === 'won') return [start, start, start, start].map(({ x, y }) => ({ x, y: y - 4 })) as unknown as Curve
    if (to === CHAIN) {
      const { chain } = this.#layout
      return chain && uprightCurve(start, { x: chain.x + chain.width / 2, y: chain.y + 10 })
    }
    const end = this.#place(to)
    if (!end) return undefined
    // Tickets keep beside the segments, so that both can be seen.
    const aside = kind === 'ticket' ? 9 : kind === 'result' ? -7 : 0
    return levelCurve({ x: start.x, y: start.y + aside }, { x: end.x, y: end.y + aside })
  }

  #place(id: string): Point | undefined {
    return this.#layout.nodes.find((node) => node.id === id)
  }
}

const eased = (part: number): number => (part < 0.5 ? 2 * part * part : 1 - (2 - 2 * part) ** 2 / 2)

function shapeOf(kind: Move['kind']): SVGElement {
  const round = kind === 'segment' || kind === 'result'
  const shape = document.createElementNS(SVG, round ? 'circle' : 'rect')
  const size = kind === 'ticket' ? 7 : 9
  const attributes = round ? { r: 6 } : { x: -size / 2, y: -size / 2, width: size, height: size, rx: 1.5 }
  for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, String(value))
  shape.setAttribute('class', `move ${kind}`)
  return shape
}

import { type Curve, levelCurve, pointOn, uprightCurve } from './curve.ts'
import type { Layout, Point } from './drawn.ts'
import { CHAIN, type Move } from './moves.ts'

/** What travels passes below the nodes, so that their words stay readable; what flashes does so above them. */
export type MoveLayers = { readonly below: SVGGElement; readonly above: SVGGElement }

type Running = { readonly move: Move; readonly beginsAt: number; readonly shape: SVGElement }

const MOST_RUNNING = 200
/** Thirty pictures a second look smooth enough for dots and cost half of what sixty do. */
const LEAST_FRAME_MS = 30
const SVG = 'http://www.w3.org/2000/svg'

/** Draws what moves into one SVG group; frames are asked for only while something moves. */
export class Animator {
  readonly #layers: MoveLayers
  #layout: Layout
  #running: Running[] = []
  /** When the last move of each key ends. */
  readonly #busyUntil = new Map<string, number>()
  #frame: number | undefined
  #drawnAt = 0

  constructor(layers: MoveLayers, layout: Layout) {
    this.#layers = layers
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
    this.#layers[isFlash(move.kind) ? 'above' : 'below'].append(shape)
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
    if (now - this.#drawnAt >= LEAST_FRAME_MS) {
      this.#drawnAt = now
      this.#running = this.#running.filter((item) => this.#drawOne(item, now))
    }
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
    const flash = isFlash(move.kind)
    const scale = flash ? 1 + (move.kind === 'won' ? 1 : 2.2) * part : 1
    if (flash) shape.style.opacity = (1 - part * part).toFixed(2)
    shape.style.display = ''
    shape.setAttribute('transform', `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${scale.toFixed(2)})`)
    return true
  }

  #curveOf({ kind, from, to }: Move): Curve | undefined {
    const start = this.#place(from)
    const end = this.#place(to)
    if (!start || !end) return undefined
    if (to === CHAIN) return uprightCurve(start, end)
    // Tickets keep beside the segments, so that both can be seen.
    const aside = kind === 'ticket' ? 9 : kind === 'result' ? -7 : 0
    return levelCurve({ x: start.x, y: start.y + aside }, { x: end.x, y: end.y + aside })
  }

  #place(id: string): Point | undefined {
    const { chain, nodes } = this.#layout
    if (id !== CHAIN) return nodes.find((node) => node.id === id)
    return chain && { x: chain.track.x + chain.track.width * (chain.progress ?? 0.5), y: chain.track.y + 3 }
  }
}

const isFlash = (kind: Move['kind']): boolean => kind === 'won' || kind === 'landed'

const eased = (part: number): number => (part < 0.5 ? 2 * part * part : 1 - (2 - 2 * part) ** 2 / 2)

function shapeOf(kind: Move['kind']): SVGElement {
  const round = kind === 'segment' || kind === 'result' || kind === 'won'
  const shape = document.createElementNS(SVG, round ? 'circle' : 'rect')
  const size = kind === 'ticket' ? 7 : 9
  const attributes = round
    ? { r: kind === 'won' ? 22 : 6 }
    : { x: -size / 2, y: -size / 2, width: size, height: size, rx: 1.5 }
  for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, String(value))
  shape.setAttribute('class', `move ${kind}`)
  return shape
}

import type { Point } from './drawn.ts'

/** A cubic curve from one point to another that leaves and arrives level, or upright. */
export type Curve = readonly [from: Point, a: Point, b: Point, to: Point]

/** The curve of a line between two nodes of different columns. */
export function levelCurve(from: Point, to: Point): Curve {
  const middle = (from.x + to.x) / 2
  return [from, { x: middle, y: from.y }, { x: middle, y: to.y }, to]
}

/** The curve of something that falls to the chain. */
export function uprightCurve(from: Point, to: Point): Curve {
  const middle = (from.y + to.y) / 2
  return [from, { x: from.x + (to.x - from.x) * 0.1, y: middle }, { x: to.x, y: middle }, to]
}

/** The point at a part (0 to 1) of a curve. */
export function pointOn([p, a, b, q]: Curve, part: number): Point {
  const rest = 1 - part
  const [w, x, y, z] = [rest ** 3, 3 * rest * rest * part, 3 * rest * part * part, part ** 3]
  return { x: w * p.x + x * a.x + y * b.x + z * q.x, y: w * p.y + x * a.y + y * b.y + z * q.y }
}

/** A curve as the data of an SVG path. */
export const pathOf = ([p, a, b, q]: Curve): string => `M${xy(p)}C${xy(a)} ${xy(b)} ${xy(q)}`

const xy = ({ x, y }: Point): string => `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`

import { colourDistance, type Field, STEPS } from './field.ts'

/** A step to a neighbour of the same colour; one of another colour costs its distance more. */
const STEP = 1

/** For each pixel how far it is from the nearest start, where every change of colour on the way counts as distance. */
export function geodesicDistance(field: Field, starts: readonly number[]): Float32Array {
  const { width, height } = field
  const distance = new Float32Array(width * height).fill(Number.POSITIVE_INFINITY)
  const heap = new Heap()
  for (const start of starts) {
    distance[start] = 0
    heap.push(0, start)
  }
  const steps = STEPS(width)
  for (let next = heap.pop(); next; next = heap.pop()) {
    const [at, pixel] = next
    if (at > (distance[pixel] as number)) continue
    const x = pixel % width
    const y = Math.floor(pixel / width)
    for (const [dx, dy, offset] of steps) {
      if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) continue
      const neighbour = pixel + offset
      const far = Math.fround(at + STEP + Math.sqrt(colourDistance(field, pixel, neighbour)))
      if (far < (distance[neighbour] as number)) {
        distance[neighbour] = far
        heap.push(far, neighbour)
      }
    }
  }
  return distance
}

/** A binary heap with the smallest key on top. */
class Heap {
  readonly #entries: [key: number, value: number][] = []

  push(key: number, value: number): void {
    const entries = this.#entries
    let at = entries.push([key, value]) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (entries[parent]![0] <= key) break
      entries[at] = entries[parent]!
      at = parent
    }
    entries[at] = [key, value]
  }

  pop(): [key: number, value: number] | undefined {
    const entries = this.#entries
    const top = entries[0]
    const last = entries.pop()
    if (!last || !top || entries.length === 0) return top
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= entries.length) break
      if (child + 1 < entries.length && entries[child + 1]![0] < entries[child]![0]) child++
      if (entries[child]![0] >= last[0]) break
      entries[at] = entries[child]!
      at = child
    }
    entries[at] = last
    return top
  }
}

const PACKET = 188
const SYNC = 0x47

/** The continuity counter that the next packet with payload of a PID should have. */
export type NextCounters = Map<number, number>

/**
 * Lets the continuity counters of a transport stream segment go on where the segment before it ended (ISO 13818-1, 2.4.3.3).
 * Segments of two orchestrators, or of two sessions of one, each count from their own beginning, and readers take the jump for a lost packet.
 * All packets of a PID are moved by the same step, so that what happens within the segment stays as it is. The input is not changed;
 * it is given back itself when nothing has to move, or when it is no whole transport stream.
 */
export function continueCounters(data: Uint8Array, next: NextCounters): Uint8Array {
  if (data.length % PACKET !== 0) return data
  for (let at = 0; at < data.length; at += PACKET) if (data[at] !== SYNC) return data
  const steps = new Map<number, number>()
  let moved: Uint8Array | undefined
  for (let at = 0; at < data.length; at += PACKET) {
    const pid = ((data[at + 1]! & 0x1f) << 8) | data[at + 2]!
    const head = data[at + 3]!
    // The counter of null packets means nothing.
    if (pid === 0x1fff) continue
    const hasPayload = (head & 0x10) !== 0
    const counter = head & 0x0f
    let step = steps.get(pid)
    if (step === undefined) {
      const expected = next.get(pid)
      // A packet without payload repeats the counter of the one before it.
      step = expected === undefined ? 0 : (expected - (hasPayload ? counter : counter + 1)) & 0x0f
      steps.set(pid, step)
    }
    if (step !== 0) {
      moved ??= data.slice()
      moved[at + 3] = (head & 0xf0) | ((counter + step) & 0x0f)
    }
    next.set(pid, (counter + step + 1) & 0x0f)
  }
  return moved ?? data
}

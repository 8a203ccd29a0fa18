import type { CodedFrame } from '../segment/segment.ts'

/** So many frames, or bytes, without as much of the picture are enough: the source may have sound only. */
const MOST_FRAMES = 1_000
const MOST_BYTES = 32 << 20

/**
 * Reads the opening of a source, works on it, and gives all frames back in front of the rest. It goes on reading while the work is done,
 * so that a live source is not held back; then what came meanwhile follows at once.
 */
export async function peekOpening<T>(
  frames: AsyncIterable<CodedFrame>,
  openingMs: number,
  work: (opening: readonly CodedFrame[]) => Promise<T>,
): Promise<{ readonly result: T; readonly frames: AsyncIterable<CodedFrame> }> {
  const reader = frames[Symbol.asyncIterator]()
  const read: CodedFrame[] = []
  let bytes = 0
  let pending: Promise<IteratorResult<CodedFrame>> | undefined
  const next = () => {
    pending ??= reader.next()
    pending.catch(() => {})
    return pending
  }
  const keep = ({ value, done }: IteratorResult<CodedFrame>): boolean => {
    if (done) return false
    pending = undefined
    read.push(value)
    bytes += value.data.length
    return true
  }
  const isFull = () => read.length >= MOST_FRAMES || bytes >= MOST_BYTES
  while (!isFull() && pictureMs(read) < openingMs) if (!keep(await next())) break
  const over = Symbol('over')
  const working = work([...read])
  const worked = working.then(
    () => over,
    () => over,
  )
  // What is still to come is kept for the reader; a failure reaches it there.
  while (!isFull()) {
    const came = await Promise.race([worked, next().catch(() => over)])
    if (typeof came === 'symbol' || !keep(came)) break
  }
  const result = await working
  return { result, frames: rest(read, pending, reader) }
}

function pictureMs(frames: readonly CodedFrame[]): number {
  const first = frames.find(({ kind }) => kind === 'video')
  const last = frames.findLast(({ kind }) => kind === 'video')
  return first && last ? (last.dts - first.dts) / 90 : 0
}

async function* rest(
  read: readonly CodedFrame[],
  pending: Promise<IteratorResult<CodedFrame>> | undefined,
  reader: AsyncIterator<CodedFrame>,
): AsyncGenerator<CodedFrame> {
  yield* read
  try {
    for (let coming = pending ?? reader.next(); ; coming = reader.next()) {
      const { value, done } = await coming
      if (done) return
      yield value
    }
  } finally {
    await reader.return?.()
  }
}

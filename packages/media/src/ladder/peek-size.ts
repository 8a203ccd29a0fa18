import { factsOf } from '../playlist/probe.ts'
import type { CodedFrame } from '../segment/segment.ts'
import type { Size } from '../transcode/scaled-size.ts'

/** So many frames without a picture that tells its size are not waited for: the source may have sound only. */
const MOST_FRAMES = 200

/** Reads frames until one tells the picture's size, and gives them all back in front of the rest. */
export async function peekSize(
  frames: AsyncIterable<CodedFrame>,
): Promise<{ readonly size: Size | undefined; readonly frames: AsyncIterable<CodedFrame> }> {
  const reader = frames[Symbol.asyncIterator]()
  const read: CodedFrame[] = []
  let size: Size | undefined
  while (!size && read.length < MOST_FRAMES) {
    const { value, done } = await reader.next()
    if (done) break
    read.push(value)
    if (value.kind === 'video' && value.keyFrame) {
      const { width, height } = factsOf([value])
      if (!width || !height) break
      size = { width, height }
    }
  }
  return { size, frames: rest(read, reader) }
}

async function* rest(read: readonly CodedFrame[], reader: AsyncIterator<CodedFrame>): AsyncGenerator<CodedFrame> {
  yield* read
  try {
    for (;;) {
      const { value, done } = await reader.next()
      if (done) return
      yield value
    }
  } finally {
    await reader.return?.()
  }
}

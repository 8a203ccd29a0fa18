import { describe, expect, it } from 'vitest'
import type { CodedFrame } from '../segment/segment.ts'
import { makeTestClip } from '../testing/index.ts'
import { peekSize } from './peek-size.ts'

async function* from(frames: readonly CodedFrame[]) {
  yield* frames
}
const all = async (frames: AsyncIterable<CodedFrame>) => {
  const out: CodedFrame[] = []
  for await (const frame of frames) out.push(frame)
  return out
}

describe('peeking at the size of a source', () => {
  it('tells it from the first key frame and loses no frame', async () => {
    const clip = await makeTestClip({ seconds: 2, width: 320, height: 180, fps: 15 })
    const { size, frames } = await peekSize(from(clip.frames))
    expect(size).toEqual({ width: 320, height: 180 })
    expect(await all(frames)).toEqual(clip.frames)
  })

  it('does not wait for a picture where there is sound only', async () => {
    const clip = await makeTestClip({ seconds: 2, width: 320, height: 180, fps: 15 })
    const sound = clip.frames.filter(({ kind }) => kind === 'audio')
    const { size, frames } = await peekSize(from(sound))
    expect(size).toBeUndefined()
    expect(await all(frames)).toEqual(sound)
  })
})

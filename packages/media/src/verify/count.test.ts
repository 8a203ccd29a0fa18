import { describe, expect, it } from 'vitest'
import { inspectSegment, makeTestClip } from '../testing/index.ts'
import { muxTs } from '../ts/muxer.ts'
import { countPixels } from './count.ts'

describe('counting without decoding', () => {
  it('finds what decoding finds', async () => {
    const clip = await makeTestClip({ seconds: 2, width: 426, height: 240, fps: 25 })
    const { data } = clip.segments[0]!
    const decoded = await inspectSegment(data)
    const { sound, ...counted } = countPixels(data, 'mpegts')
    expect(sound.map(({ pts }) => pts)).toEqual(decoded.audioPts)
    expect(counted.pictureBytes).toBeGreaterThan(data.length / 4)
    expect(counted).toMatchObject({
      codec: 'h264',
      frames: decoded.frames,
      width: 426,
      height: 240,
      pixels: BigInt(426 * 240 * decoded.frames),
      firstIsKey: true,
      spanMs: 1_960,
      interlaced: false,
      startTicks: decoded.pts[0],
    })
    expect(countPixels(clip.mp4, 'mp4')).toMatchObject({ frames: decoded.frames, pixels: BigInt(426 * 240 * 50) })
  })

  it('does not count pictures that no decoder could begin with', async () => {
    const clip = await makeTestClip({ seconds: 1, width: 320, height: 180 })
    const later = clip.frames.filter((frame) => frame.kind === 'video' && !frame.keyFrame)
    expect(() => countPixels(muxTs(later), 'mpegts')).toThrow(expect.objectContaining({ code: 'no_video_frames' }))
    expect(() => countPixels(new Uint8Array(500), 'mpegts')).toThrow(
      expect.objectContaining({ code: 'no_video_frames' }),
    )
  })
})

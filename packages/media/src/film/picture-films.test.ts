import { describe, expect, it } from 'vitest'
import { inspectSegment, makeTestClip } from '../testing/index.ts'
import { PictureFilms } from './picture-films.ts'

describe('films of pictures', () => {
  it('are as long as their pictures, and give them back', async () => {
    const clip = await makeTestClip({ width: 160, height: 96, fps: 5, seconds: 1, audio: false })
    const pictures = await PictureFilms.split(clip.mp4)
    expect(pictures).toHaveLength(5)
    for (const picture of pictures) expect([...picture.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47])
    const film = await PictureFilms.join(pictures, { fps: 6 })
    const { videoCodec, width, height, frames, pts, decodeErrors } = await inspectSegment(film, 'mp4')
    expect({ videoCodec, width, height, frames, decodeErrors }).toEqual({
      ...{ videoCodec: 'h264', width: 160, height: 96, frames: 5, decodeErrors: 0 },
    })
    expect((pts.at(-1) as number) - (pts[0] as number)).toBe(60_000)
  })

  it('are not made of what is no picture', async () => {
    await expect(PictureFilms.join([new Uint8Array(100)], { fps: 6 })).rejects.toMatchObject({ code: 'film_failed' })
    await expect(PictureFilms.join([], { fps: 6 })).rejects.toMatchObject({ code: 'film_failed' })
  })

  it('are given up with their caller', async () => {
    const controller = new AbortController()
    const made = PictureFilms.split(new Uint8Array(10), { signal: controller.signal })
    controller.abort(new Error('not wanted'))
    await expect(made).rejects.toThrow('not wanted')
  })
})

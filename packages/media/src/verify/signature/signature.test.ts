import { beforeAll, describe, expect, it } from 'vitest'
import { type Av, loadAv } from '../../process/av.ts'
import { decodeSignature, encodeSignature } from './binary.ts'
import { compareSignatures } from './compare.ts'
import { CATEGORIES } from './elements.ts'
import { frameSignature } from './extract.ts'
import { comparedByFfmpeg, type Signed, signedByFfmpeg } from './oracle.fixture.ts'
import type { VideoSignature } from './video-signature.ts'

let av: Av
beforeAll(async () => {
  av = await loadAv()
})

function signatureOf({ planes, file }: Signed): VideoSignature {
  const { width, height } = planes[0]!
  const { timeUnit } = decodeSignature(file)
  return { width, height, timeUnit, frames: planes.map((plane) => frameSignature(plane, plane.pts)) }
}

it('has the 380 elements of the standard, 32 of them averages', () => {
  expect(CATEGORIES.map(({ elements }) => elements.length)).toEqual([20, 12, 116, 25, 36, 30, 62, 9, 50, 20])
})

describe('a signature made here', () => {
  it.each([
    'testsrc2=size=640x360:rate=30:duration=3.3',
    'mandelbrot=size=426x240:rate=25,trim=duration=2',
    'life=size=320x240:rate=10:mold=10:seed=5,trim=duration=2,scale=854x480',
    'gradients=size=1280x720:rate=5:seed=3:duration=2',
    'color=size=256x144:rate=10:duration=1:c=black',
    'testsrc2=size=1920x1080:rate=5:duration=0.4',
    'testsrc2=size=146x82:rate=30:duration=0.1',
  ])('is bit for bit the one that FFmpeg writes of %s', (chain) => {
    const signed = signedByFfmpeg(av, chain)
    const made = signatureOf(signed)
    expect(Buffer.from(encodeSignature(made)).equals(signed.file)).toBe(true)
    expect(decodeSignature(signed.file)).toEqual(made)
  })

  it('is read back from its bytes, and refused when they are cut off or something else', () => {
    const { file } = signedByFfmpeg(av, 'testsrc2=size=320x180:rate=10:duration=1')
    for (const cut of [0, 3, 40, file.length - 1])
      expect(() => decodeSignature(file.subarray(0, cut))).toThrow(
        expect.objectContaining({ code: 'bad_video_signature' }),
      )
    expect(() => decodeSignature(new Uint8Array(5_000).fill(255))).toThrow('no video signature')
    const endless = Uint8Array.from(file)
    endless.fill(255, 17, 21)
    expect(() => decodeSignature(endless)).toThrow('no video signature')
  })
})

describe('comparing signatures', () => {
  const source = 'testsrc2=size=640x360:rate=30:duration=2'
  const other = 'mandelbrot=size=320x180:rate=30,trim=duration=2'
  // FFmpeg's filter passes over alignments that are not later in the first video, and over many that are.
  const later = 'trim=start_frame=4,setpts=PTS-STARTPTS'
  it.each([
    ['itself, darker', source, `${source},eq=brightness=-0.1:contrast=0.8`, 'whole'],
    ['another video', source, other, 'none'],
    ['black', source, 'color=size=640x360:rate=30:duration=2:c=black', 'none'],
    ['itself turned upside down', other, `${other},vflip`, 'none'],
  ])('says of a video and %s what FFmpeg says', async (_name, first, second, expected) => {
    const [a, b] = [signatureOf(signedByFfmpeg(av, first)), signatureOf(signedByFfmpeg(av, `${second},${later}`))]
    expect([compareSignatures(a, b), await comparedByFfmpeg(av, first, `${second},${later}`)]).toEqual([
      expected,
      expected,
    ])
  })

  it.each([
    ['itself, smaller and blurred', source, `${source},scale=426x240,gblur=sigma=1`, 'whole'],
    ['itself, darker', source, `${source},eq=brightness=-0.1:contrast=0.8`, 'whole'],
    ['another moving one and itself', other, `${other},scale=640x360`, 'whole'],
    ['another video', source, other, 'none'],
    ['black', source, 'color=size=640x360:rate=30:duration=2:c=black', 'none'],
    ['black, both of them', 'color=c=black:duration=2', 'color=c=black:duration=2', 'none'],
  ])('says of a video and %s, from the same picture on, what is so', (_name, first, second, expected) => {
    const [a, b] = [signatureOf(signedByFfmpeg(av, first)), signatureOf(signedByFfmpeg(av, second))]
    expect(compareSignatures(a, b)).toBe(expected)
  })

  it('finds a video whose rate was halved, and one that goes on with something else', () => {
    const a = signatureOf(signedByFfmpeg(av, other))
    expect(compareSignatures(a, signatureOf(signedByFfmpeg(av, `${other},fps=15`)))).toBe('whole')
    expect(compareSignatures(signatureOf(signedByFfmpeg(av, `${other},fps=15`)), a)).toBe('whole')
    const half = signatureOf(signedByFfmpeg(av, 'testsrc2=size=640x360:rate=30:duration=1'))
    const mixed = { ...a, frames: [...a.frames.slice(0, 30), ...half.frames] }
    expect(compareSignatures(a, mixed)).toBe('partial')
  })
})

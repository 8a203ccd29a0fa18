import { MillraceError } from '@millrace/base'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { annexBToAvcc, encodeAvcConfig } from '../../h264/avcc.ts'
import { inspectAccessUnit } from '../../h264/nal.ts'
import { parseSps } from '../../h264/sps.ts'
import type { CodedFrame } from '../../segment/segment.ts'
import { makeTestClip } from '../../testing/index.ts'
import { FlvReader } from './flv.ts'

const header = (frame: CodedFrame) => {
  const { sps, pps } = inspectAccessUnit(frame.data, 'h264')
  return Buffer.concat([Buffer.of(0x17, 0, 0, 0, 0), encodeAvcConfig(sps!, pps!)])
}
const picture = (frame: CodedFrame, compositionMs = 0) => {
  const head = Buffer.of(frame.keyFrame ? 0x17 : 0x27, 1, 0, 0, 0)
  head.writeIntBE(compositionMs, 2, 3)
  return Buffer.concat([head, annexBToAvcc(frame.data)])
}

describe('FLV messages', () => {
  let wide: readonly CodedFrame[]
  let tall: readonly CodedFrame[]
  beforeAll(async () => {
    const video = async (width: number, height: number) =>
      (await makeTestClip({ seconds: 0.5, width, height, audio: false })).frames
    wide = await video(320, 180)
    tall = await video(180, 320)
  })

  it('gives key frames their parameter sets, and drops pictures before configuration and key frame', () => {
    const reader = new FlvReader()
    expect(reader.video(picture(wide[0]!), 0)).toBeUndefined()
    expect(reader.video(header(wide[0]!), 0)).toBeUndefined()
    expect(reader.video(picture(wide[1]!), 10)).toBeUndefined()
    const frame = reader.video(picture(wide[0]!, 40), 20)
    expect(frame).toMatchObject({ keyFrame: true, dts: 1_800, pts: 5_400 })
    expect(inspectAccessUnit(frame!.data, 'h264').sps).toBeDefined()
    expect(reader.ignored).toBe(2)
  })

  it('follows a change of the picture size in the middle of a stream', () => {
    const reader = new FlvReader()
    reader.video(header(wide[0]!), 0)
    reader.video(picture(wide[0]!), 0)
    reader.video(header(tall[0]!), 40)
    const frame = reader.video(picture(tall[0]!), 40)
    expect(parseSps(inspectAccessUnit(frame!.data, 'h264').sps!)).toMatchObject({ width: 180, height: 320 })
  })

  it('counts time on over the wrap at 2^32 milliseconds', () => {
    const reader = new FlvReader()
    reader.video(header(wide[0]!), 0xfffffff0)
    const first = reader.video(picture(wide[0]!), 0xfffffff0)!
    const second = reader.video(picture(wide[1]!), 0x10)!
    expect(second.dts - first.dts).toBe(0x20 * 90)
  })

  it('says which codec it does not take', () => {
    const reader = new FlvReader()
    expect(() => reader.video(Buffer.of(0x22, 1, 2), 0)).toThrow(expect.objectContaining({ code: 'unsupported_codec' }))
    expect(() => reader.audio(Buffer.of(0x1f, 1, 2), 0)).toThrow(expect.objectContaining({ code: 'unsupported_codec' }))
  })

  it('throws only typed errors on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), fc.nat(0xffffffff), (bytes, configured, time) => {
        const reader = new FlvReader()
        if (configured) reader.video(header(wide[0]!), 0)
        for (const read of [
          () => reader.video(Buffer.from([0x17, ...bytes]), time),
          () => reader.audio(Buffer.from(bytes), time),
        ])
          try {
            read()
          } catch (error) {
            if (!(error instanceof MillraceError)) throw error
          }
      }),
      { numRuns: 300 },
    )
  })
})

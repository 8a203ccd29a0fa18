import { hasAv1Picture, isAv1Key, readAv1Sequence } from '../cmaf/av1.ts'
import { isVp9Key } from '../cmaf/vp9.ts'
import { Vp9Sizes } from '../cmaf/vp9-sizes.ts'
import { inspectAccessUnit } from '../h264/nal.ts'
import { parseHevcSps, parseSps } from '../h264/sps.ts'
import type { CodedFrame } from '../segment/segment.ts'
import type { Size } from '../transcode/scaled-size.ts'

/** What the head of a coded picture tells. */
export type MeasuredPicture = {
  /** Undefined where the frame gives no picture: before the first parameter sets, or without a slice. */
  readonly size: Size | undefined
  readonly key: boolean
  readonly interlaced?: boolean
}

/** A function that is given the coded pictures of a stream in order; undefined for codecs that cannot be measured. It throws `bad_media` codes. */
export function measurer(): (frame: CodedFrame) => MeasuredPicture | undefined {
  const vp9 = new Vp9Sizes()
  let size: Size | undefined
  return ({ codec, data }) => {
    switch (codec) {
      case 'h264':
      case 'hevc': {
        const { sps, slices, key } = inspectAccessUnit(data, codec)
        if (!sps) return { size: slices > 0 ? size : undefined, key }
        if (codec === 'hevc') {
          size = parseHevcSps(sps)
          return { size: slices > 0 ? size : undefined, key }
        }
        const { width, height, interlaced } = parseSps(sps)
        size = { width, height }
        return { size: slices > 0 ? size : undefined, key, interlaced }
      }
      case 'vp9':
        return { size: vp9.next(data), key: isVp9Key(data) }
      case 'av1': {
        const key = isAv1Key(data)
        // The largest size that its pictures may have; a smaller one would show in the comparison with the source.
        if (key) {
          const { width, height } = readAv1Sequence(data)
          size = { width, height }
        }
        return { size: hasAv1Picture(data) ? size : undefined, key }
      }
      default:
        return undefined
    }
  }
}

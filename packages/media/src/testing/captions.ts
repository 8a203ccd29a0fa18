import { joinAnnexB, NAL, nalType, splitAnnexB } from '../h264/nal.ts'
import type { CodedFrame } from '../segment/segment.ts'

type Pair = readonly [number, number]

/** Codes of channel CC1, each of them sent twice as encoders do. */
export const CC1 = {
  popOn: twice(0x14, 0x20),
  rollUp: (rows: 2 | 3 | 4) => twice(0x14, 0x23 + rows),
  paintOn: twice(0x14, 0x29),
  erase: twice(0x14, 0x2c),
  carriageReturn: twice(0x14, 0x2d),
  eraseLoaded: twice(0x14, 0x2e),
  show: twice(0x14, 0x2f),
  backspace: twice(0x14, 0x21),
  /** The lowest row, at the left. */
  row15: twice(0x14, 0x70),
  /** The row above it, four columns in. */
  row14: twice(0x14, 0x52),
  text: (text: string): Pair[] =>
    Array.from({ length: Math.ceil(text.length / 2) }, (_, i) => [
      text.charCodeAt(2 * i),
      2 * i + 1 < text.length ? text.charCodeAt(2 * i + 1) : 0,
    ]),
} as const

function twice(first: number, second: number): Pair[] {
  return [
    [first, second],
    [first, second],
  ]
}

/** Puts one pair beside each picture, in the order in which the pictures are shown, from the picture `from` on. */
export function withCaptions(
  frames: readonly CodedFrame[],
  said: readonly { readonly from: number; readonly pairs: readonly Pair[] }[],
): CodedFrame[] {
  const shown = frames.filter(({ kind }) => kind === 'video').sort((a, b) => a.pts - b.pts)
  const pairOf = new Map(said.flatMap(({ from, pairs }) => pairs.map((pair, i) => [shown[from + i], pair] as const)))
  return frames.map((frame) => {
    if (frame.kind !== 'video') return frame
    const nals = [...splitAnnexB(frame.data)]
    const slice = nals.findIndex((nal) => nalType(nal) >= NAL.slice && nalType(nal) <= NAL.idr)
    const sei = captionSei(pairOf.get(frame) ?? [0, 0])
    return { ...frame, data: joinAnnexB([...nals.slice(0, slice), sei, ...nals.slice(slice)]) }
  })
}

/** The captions of one picture in an SEI message (ATSC A/53 part 4, section 6.2.3), with parity. */
export function captionSei(pair: Pair): Uint8Array {
  const triplet = [0xfc, ...pair.map(withParity)]
  const message = [0xb5, 0, 0x31, ...Buffer.from('GA94'), 3, 0x40 | 1, 0xff, ...triplet, 0xff]
  return Uint8Array.from([NAL.sei, 4, message.length, ...message, 0x80])
}

function withParity(code: number): number {
  let ones = 0
  for (let bits = code; bits > 0; bits >>= 1) ones += bits & 1
  return ones % 2 === 0 ? code | 0x80 : code
}

import { concatBytes } from '@millrace/base'
import { ascii, box, fullBox, u16, u32 } from '../remux/mp4-boxes.ts'
import { sampleEntry } from './sample-entry.ts'
import type { CmafTrack } from './track.ts'

/** Every file has one track, and its number. */
export const TRACK_ID = 1

const MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)

/** The initialisation segment of a track: `ftyp` and `moov` without samples (ISO 23000-19 section 7.3.1). */
export function cmafInit(track: CmafTrack): Uint8Array {
  const video = track.kind === 'video'
  const [width, height] = video ? [track.width, track.height] : [0, 0]
  return concatBytes(
    box('ftyp', ascii('iso6'), u32(0), ascii('iso6cmfcdashmp41')),
    box(
      'moov',
      fullBox(
        'mvhd',
        0,
        0,
        u32(0, 0, track.timescale, 0, 0x10000),
        u16(0x0100, 0),
        u32(0, 0),
        MATRIX,
        u32(0, 0, 0, 0, 0, 0, TRACK_ID + 1),
      ),
      box(
        'trak',
        fullBox(
          'tkhd',
          0,
          7,
          u32(0, 0, TRACK_ID, 0, 0, 0, 0),
          u16(0, 0, video ? 0 : 0x0100, 0),
          MATRIX,
          u32(width * 0x10000, height * 0x10000),
        ),
        box(
          'mdia',
          // The language is undetermined.
          fullBox('mdhd', 0, 0, u32(0, 0, track.timescale, 0), u16(0x55c4, 0)),
          fullBox('hdlr', 0, 0, u32(0), ascii(video ? 'vide' : 'soun'), u32(0, 0, 0), ascii('Millrace\0')),
          box(
            'minf',
            video ? fullBox('vmhd', 0, 1, u16(0, 0, 0, 0)) : fullBox('smhd', 0, 0, u32(0)),
            box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))),
            box(
              'stbl',
              fullBox('stsd', 0, 0, u32(1), sampleEntry(track)),
              fullBox('stts', 0, 0, u32(0)),
              fullBox('stsc', 0, 0, u32(0)),
              fullBox('stsz', 0, 0, u32(0, 0)),
              fullBox('stco', 0, 0, u32(0)),
            ),
          ),
        ),
      ),
      box('mvex', fullBox('trex', 0, 0, u32(TRACK_ID, 1, 0, 0, 0))),
    ),
  )
}

// Bytes through the codecs of every segment: hashes, transport streams, headers.
import { keccak256, toHex } from '@millrace/base'
import { Hashing } from '@millrace/base/node'
import { countPixels, demuxTs, muxTs } from '@millrace/media'
import { makeTestClip } from '@millrace/media/testing'
import { DEFAULT_LADDER, decodeSegmentHeader, encodeSegmentHeader, jobCapabilities, manifestId } from '@millrace/wire'
import { createKeySigner } from '@millrace/wire/node'
import { rates, spread, table } from './measure.js'
import { padded } from './padded.js'

const MB = 1_000_000

export async function bench({ quick }) {
  const options = { rounds: 5, ms: quick ? 100 : 300 }
  const clip = await makeTestClip({ seconds: 4, width: 1280, height: 720 })
  const [drawn] = clip.segments
  const frames = demuxTs(drawn.data).frames.map((frame) => padded(frame, 20_000))
  const data = muxTs(frames)
  const bytes = new Uint8Array(MB).map((_, i) => i * 31)
  const hashing = new Hashing()
  await hashing.keccak256(bytes)
  const found = await rates(
    {
      keccak: () => keccak256(bytes),
      keccakThread: () => hashing.keccak256(bytes),
      mux: () => muxTs(frames),
      demux: () => demuxTs(data),
      count: () => countPixels(data, 'mpegts'),
    },
    options,
  )
  await hashing.stop()
  const perSecond = (name, size) =>
    spread(
      found[name].map((rate) => (rate * size) / MB),
      0,
    )
  const row = (what, name, size) => [what, perSecond(name, size)]
  table(
    ['one thread', 'MB/s, median (least to most) of 5'],
    [
      row('keccak-256, 1 MB, on the calling thread (wasm)', 'keccak', MB),
      row('keccak-256, 1 MB, on the hashing thread', 'keccakThread', MB),
      row(`transport stream written, ${size(data)} segment`, 'mux', data.length),
      row(`transport stream read, ${size(data)} segment`, 'demux', data.length),
      row(`pixels counted from the bitstream, ${size(data)} segment`, 'count', data.length),
    ],
  )

  const signer = createKeySigner(new Uint8Array(32).fill(7))
  const segment = {
    manifestId: manifestId('bench'),
    seq: 1,
    profiles: DEFAULT_LADDER,
    durationMs: 2000,
    capabilities: jobCapabilities({ profiles: DEFAULT_LADDER, storage: 'direct' }),
    calcPerceptualHash: false,
    forceSessionReinit: false,
    hash: toHex(keccak256(data)),
    storage: [],
    wantsCommitment: true,
    signature: signer.signPersonal(keccak256(data)),
  }
  const header = encodeSegmentHeader(segment)
  const headers = await rates(
    { encode: () => encodeSegmentHeader(segment), decode: () => decodeSegmentHeader(header) },
    options,
  )
  console.log('')
  table(
    [`segment header, ${header.length} characters`, 'a second, median (least to most) of 5'],
    [
      ['written', spread(headers.encode, 0)],
      ['read', spread(headers.decode, 0)],
    ],
  )
}

const size = ({ length }) => `${(length / 1000).toFixed(0)} kB`

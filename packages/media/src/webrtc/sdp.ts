import { OfferError } from './errors.ts'

/** More than any browser or encoder sends, and little enough that reading it costs nothing. */
export const MAX_SDP_BYTES = 64 * 1024
const MAX_MEDIA_LINES = 20
const MAX_LINE = 4_096
const MAX_CODECS = 128

/** One way of coding that an offer names. */
export type OfferedCodec = {
  readonly payloadType: number
  /** In small letters: h264, vp8, opus. */
  readonly name: string
  readonly clockRate: number
  readonly parameters: Readonly<Record<string, string>>
}

export type OfferedMedia = {
  readonly kind: 'audio' | 'video'
  readonly direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'
  /** In the order in which the peer prefers them. */
  readonly codecs: readonly OfferedCodec[]
  readonly lines: readonly string[]
}

/** What an offer says, as far as anything here depends on it. */
export type Offer = {
  readonly session: readonly string[]
  readonly media: readonly OfferedMedia[]
}

/**
 * Reads an SDP offer (RFC 8866) within narrow bounds, before anything larger looks at it; throws `sdp_too_large` or `bad_sdp`.
 * At most one video and one audio are taken: that is what WHIP and WHEP are for.
 */
export function readOffer(sdp: string): Offer {
  if (Buffer.byteLength(sdp) > MAX_SDP_BYTES) throw tooLarge(`the offer is larger than ${MAX_SDP_BYTES} bytes`)
  const lines = sdp.split(/\r\n|\n|\r/).filter((line) => line !== '')
  if (lines[0] !== 'v=0') throw bad('an offer begins with v=0')
  if (lines.filter((line) => line.startsWith('m=')).length > MAX_MEDIA_LINES)
    throw tooLarge(`the offer has more than ${MAX_MEDIA_LINES} media lines`)
  const session: string[] = []
  const sections: string[][] = []
  for (const line of lines) {
    if (line.length > MAX_LINE) throw tooLarge(`a line of the offer is longer than ${MAX_LINE} characters`)
    if (!/^[a-z]=/.test(line)) throw bad('a line of the offer is no SDP')
    if (line.startsWith('m=')) sections.push([line])
    else (sections.at(-1) ?? session).push(line)
  }
  const media = sections.map(readMedia)
  for (const kind of ['video', 'audio'] as const)
    if (media.filter((one) => one.kind === kind).length > 1) throw bad(`the offer has more than one ${kind}`)
  if (media.length === 0) throw bad('the offer has neither video nor audio')
  for (const name of ['ice-ufrag', 'ice-pwd', 'fingerprint'])
    if (!lines.some((line) => line.startsWith(`a=${name}:`))) throw bad(`the offer has no ${name}`)
  return { session, media }
}

function readMedia(lines: readonly string[]): OfferedMedia {
  const [kind, , protocol, ...formats] = lines[0]!.slice(2).split(' ')
  if (kind !== 'audio' && kind !== 'video') throw bad('the offer has media that are neither audio nor video')
  if (protocol !== 'UDP/TLS/RTP/SAVPF') throw bad('media must be offered as UDP/TLS/RTP/SAVPF')
  if (formats.length > MAX_CODECS) throw tooLarge(`a media line has more than ${MAX_CODECS} codecs`)
  if (!attribute(lines, 'mid')) throw bad('a media line has no mid')
  const direction = (['sendonly', 'recvonly', 'inactive'] as const).find((way) => lines.includes(`a=${way}`))
  const maps = new Map(pairs(lines, 'rtpmap'))
  const parameters = new Map(pairs(lines, 'fmtp'))
  const codecs = formats.flatMap((format) => {
    const [name, rate] = (maps.get(format) ?? '').split('/')
    const payloadType = Number(format)
    const clockRate = Number(rate)
    const usable = name && payloadType >= 0 && payloadType < 128 && Number.isInteger(clockRate)
    return usable
      ? [{ payloadType, name: name.toLowerCase(), clockRate, parameters: readParameters(parameters.get(format)) }]
      : []
  })
  return { kind, direction: direction ?? 'sendrecv', codecs, lines }
}

/** The value of `a=name:value`. */
export function attribute(lines: readonly string[], name: string): string | undefined {
  return lines.find((line) => line.startsWith(`a=${name}:`))?.slice(name.length + 3)
}

function pairs(lines: readonly string[], name: string): [string, string][] {
  return lines
    .filter((line) => line.startsWith(`a=${name}:`))
    .map((line) => {
      const value = line.slice(name.length + 3)
      const space = value.indexOf(' ')
      return [value.slice(0, space), value.slice(space + 1)]
    })
}

function readParameters(text = ''): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(';').map((part) => {
      const [name = '', value = ''] = part.trim().split('=')
      return [name.toLowerCase(), value]
    }),
  )
}

const tooLarge = (text: string) => new OfferError('sdp_too_large', text)
const bad = (text: string) => new OfferError('bad_sdp', `${text}: send the SDP offer of a WebRTC client`)

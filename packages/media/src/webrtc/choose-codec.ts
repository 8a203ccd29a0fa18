import { OfferError } from './errors.ts'
import type { Offer, OfferedCodec, OfferedMedia } from './sdp.ts'

const WANTED = { video: ['h264'], audio: ['opus'] } as const
const SPOKEN: Readonly<Record<string, string>> = { h264: 'H.264', h265: 'HEVC', opus: 'Opus' }
/** What stands beside codecs and is none. */
const HELPERS = new Set(['rtx', 'red', 'ulpfec', 'flexfec-03', 'telephone-event', 'cn'])

/**
 * The codec of a media line that is spoken here, the first of `video` for pictures; throws `codec_not_offered`, which names what was offered.
 * Of several kinds of H.264 the one with packetization mode 1 and the wanted profile is taken, because mode 0 has no fragments.
 */
export function chooseCodec(
  media: OfferedMedia,
  options: { readonly profileIdc?: number; readonly video?: readonly string[] } = {},
): OfferedCodec {
  const wanted = media.kind === 'video' ? (options.video ?? WANTED.video) : WANTED.audio
  const best = wanted.find((name) => media.codecs.some((codec) => codec.name === name))
  const usable = media.codecs.filter(({ name }) => name === best)
  const mode1 = usable.filter(({ parameters }) => parameters['packetization-mode'] === '1')
  const profile = ({ parameters }: OfferedCodec) =>
    Number.parseInt(parameters['profile-level-id']?.slice(0, 2) ?? '', 16)
  const chosen = mode1.find((codec) => profile(codec) === (options.profileIdc ?? 0x42)) ?? mode1[0] ?? usable[0]
  if (chosen) return chosen
  const names = [...new Set(media.codecs.map(({ name }) => name))].filter((name) => !HELPERS.has(name))
  throw new OfferError(
    'codec_not_offered',
    `${media.kind} is taken as ${wanted.map(spoken).join(', ')} only, and the offer has ${names.map(spoken).join(', ') || 'nothing'}: choose ${spoken(wanted[0]!)}`,
    { kind: media.kind },
  )
}

const spoken = (name: string): string => SPOKEN[name] ?? name.toUpperCase()

/** Not transport-cc: a sender that numbers its packets for it and hears nothing of them sends less and less. */
const EXTENSIONS = ['urn:ietf:params:rtp-hdrext:sdes:mid', 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time']

/**
 * The offer with one codec a media line, without candidates, simulcast and repair streams.
 * Candidates would have the gateway send packets wherever a stranger likes; whoever connects is learned from its own packets.
 */
export function narrowOffer(
  offer: Offer,
  options: {
    readonly codecs: readonly OfferedCodec[]
    readonly feedback: readonly string[]
    readonly candidate: string
  },
): string {
  const lines = offer.session.filter((line) => !/^a=(candidate|end-of-candidates|extmap-allow-mixed)/.test(line))
  offer.media.forEach((media, i) => {
    const { payloadType } = options.codecs[i]!
    const [kind, port, protocol] = media.lines[0]!.slice(2).split(' ')
    lines.push(`m=${kind} ${port} ${protocol} ${payloadType}`)
    const ssrc = /^a=ssrc:(\d+) /.exec(media.lines.find((line) => line.startsWith('a=ssrc:')) ?? '')?.[1]
    for (const line of media.lines.slice(1)) if (stays(line, payloadType, ssrc, options.feedback)) lines.push(line)
    lines.push(`a=candidate:${options.candidate}`)
  })
  return `${lines.join('\r\n')}\r\n`
}

function stays(line: string, payloadType: number, ssrc: string | undefined, feedback: readonly string[]): boolean {
  const [, name = '', value = ''] = /^a=([^:]+):?(.*)$/.exec(line) ?? []
  switch (name) {
    case 'rtpmap':
    case 'fmtp':
      return value.startsWith(`${payloadType} `)
    case 'rtcp-fb':
      return feedback.some((kind) => value === `${payloadType} ${kind}`)
    case 'extmap':
      return EXTENSIONS.some((uri) => value.split(' ')[1] === uri)
    case 'ssrc':
      return value.startsWith(`${ssrc} `)
    case 'candidate':
    case 'end-of-candidates':
    case 'ssrc-group':
    case 'simulcast':
    case 'rid':
    case 'ice-options':
    case 'extmap-allow-mixed':
    case 'rtcp-rsize':
      return false
    default:
      return true
  }
}

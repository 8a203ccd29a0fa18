import { CAPTIONS } from './caption-playlist.ts'
import type { PlaylistForm } from './media-playlist.ts'
import type { CmafRenditionStore } from './rendition-store.ts'

/** What a rendition is said to take before it was measured. */
const UNMEASURED_BPS = { video: 4_000_000, audio: 128_000 } as const

export const peakOf = (store: CmafRenditionStore): number =>
  Math.round(store.peakBps ?? store.facts.bandwidthBps ?? UNMEASURED_BPS[store.facts.kind])

/** Names of codecs from what plays nearly everywhere to what plays least, as CODECS begins with them. */
const CODEC_ORDER = ['avc1', 'hvc1', 'vp09', 'av01', 'mp4a', 'opus']

/** Renditions by their codec, those that most players take first: between codecs players do not switch. */
export function byCodec<Entry extends readonly [string, CmafRenditionStore]>(
  all: readonly Entry[],
): readonly Entry[][] {
  const groups = new Map<string, Entry[]>()
  for (const entry of all) {
    const codec = entry[1].track?.codecs.split('.')[0] ?? ''
    groups.set(codec, [...(groups.get(codec) ?? []), entry])
  }
  const place = (codec: string) => (CODEC_ORDER.includes(codec) ? CODEC_ORDER.indexOf(codec) : CODEC_ORDER.length)
  return [...groups].sort(([a], [b]) => place(a) - place(b)).map(([, group]) => group)
}

/**
 * The multivariant playlist: every picture with the sound of the stream, which is a group of its own
 * (RFC 8216bis section 4.4.6). That of low latency names what comes part by part.
 */
export function cmafMaster(
  renditions: ReadonlyMap<string, CmafRenditionStore>,
  form: PlaylistForm,
  options: { readonly captions: boolean } = { captions: false },
): string {
  const all = [...renditions].filter(([, { track }]) => track)
  const sounds = all.filter(([, { facts }]) => facts.kind === 'audio')
  const everything = all.filter(([, { facts }]) => facts.kind === 'video')
  // What comes in whole segments lags behind: a player of low latency that changed to it would stand still.
  const live = everything.filter(([, store]) => store.live)
  const pictures = form === 'll' && live.length > 0 ? live : everything
  const lines = ['#EXTM3U', '#EXT-X-VERSION:9']
  // Each codec of sound is a group of its own; the second one goes with pictures that need a player of today anyway.
  const [usual, modern = usual] = byCodec(sounds).map(([first]) => first)
  if (usual && modern && pictures.length > 0)
    for (const [group, [name, store]] of new Map([
      ['audio', usual],
      [modern === usual ? 'audio' : 'audio2', modern],
    ]))
      lines.push(
        `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="${group}",NAME="${usual[0]}",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="${store.track?.channels ?? 2}",URI="${name}/${form}.m3u8"`,
      )
  const captions = options.captions && pictures.length > 0
  // What stands in the pictures, and the same as text for players that do not look there.
  if (captions)
    lines.push(
      `#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc",NAME="CC1",INSTREAM-ID="CC1"`,
      `#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",NAME="Captions",DEFAULT=NO,AUTOSELECT=YES,CHARACTERISTICS="public.accessibility.transcribes-spoken-dialog",URI="${CAPTIONS}/${form}.m3u8"`,
    )
  for (const [name, store] of pictures.length > 0 ? byCodec(pictures).flat() : sounds) {
    const { track, facts } = store
    const isModern = modern !== usual && /^(vp09|av01)/.test(track?.codecs ?? '')
    const beside = facts.kind === 'video' ? (isModern ? modern : usual)?.[1] : undefined
    const attributes = [`BANDWIDTH=${peakOf(store) + (beside ? peakOf(beside) : 0)}`]
    if (store.averageBps)
      attributes.push(`AVERAGE-BANDWIDTH=${Math.round(store.averageBps + (beside?.averageBps ?? 0))}`)
    if (track?.width && track.height) attributes.push(`RESOLUTION=${track.width}x${track.height}`)
    if (store.fps) attributes.push(`FRAME-RATE=${store.fps.toFixed(3)}`)
    attributes.push(`CODECS="${[track?.codecs, beside?.track?.codecs].filter(Boolean).join(',')}"`)
    if (beside) attributes.push(`AUDIO="${isModern ? 'audio2' : 'audio'}"`)
    if (captions) attributes.push('SUBTITLES="text"', 'CLOSED-CAPTIONS="cc"')
    lines.push(`#EXT-X-STREAM-INF:${attributes.join(',')}`, `${name}/${form}.m3u8`)
  }
  return `${lines.join('\n')}\n`
}

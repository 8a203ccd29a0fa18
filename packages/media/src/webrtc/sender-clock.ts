import { Unwrap32 } from './unwrap.ts'

const TICKS = 90_000
/** Times begin here, so that sound may lie a little before the first picture. */
const ORIGIN = 2 * TICKS
/** The sound is moved by so much a packet when the sender's reports say that it is off: a person does not hear it. */
const SLEW = 90
/** Off by more than this, it is moved at once. */
const JUMP = TICKS / 2

type Kind = 'audio' | 'video'
type Track = { readonly rate: number; readonly unwrap: Unwrap32; offset: number | undefined; report?: Report }
type Report = { readonly ticks: number; readonly ntpSeconds: number }

/**
 * Puts picture and sound of one sender on one clock. Their RTP time stamps begin anywhere: first the time of arrival relates them,
 * then the sender's reports, which name an RTP time stamp and the wall clock for each (RFC 3550 section 6.4.1). The picture is never moved.
 */
export class SenderClock {
  readonly #tracks: Readonly<Record<Kind, Track>>
  #startMs: number | undefined

  constructor(rates: { readonly video: number; readonly audio: number }) {
    this.#tracks = {
      video: { rate: rates.video, unwrap: new Unwrap32(), offset: undefined },
      audio: { rate: rates.audio, unwrap: new Unwrap32(), offset: undefined },
    }
  }

  /** The time of a packet in ticks of 90 kHz. */
  time(kind: Kind, timestamp: number, arrivedMs: number): number {
    const track = this.#tracks[kind]
    const ticks = (track.unwrap.next(timestamp) * TICKS) / track.rate
    this.#startMs ??= arrivedMs
    track.offset ??= ORIGIN + (arrivedMs - this.#startMs) * (TICKS / 1_000) - ticks
    if (kind === 'audio') this.#correct(track)
    return Math.round(ticks + track.offset)
  }

  /** A sender report of one track. */
  report(kind: Kind, report: { readonly rtpTimestamp: number; readonly ntpSeconds: number }): void {
    const track = this.#tracks[kind]
    const ticks = (track.unwrap.peek(report.rtpTimestamp) * TICKS) / track.rate
    track.report = { ticks, ntpSeconds: report.ntpSeconds }
  }

  #correct(audio: Track): void {
    const { video } = this.#tracks
    if (!audio.report || !video.report || video.offset === undefined || audio.offset === undefined) return
    const apart = (audio.report.ntpSeconds - video.report.ntpSeconds) * TICKS
    const wanted = video.report.ticks + video.offset + apart - audio.report.ticks
    const error = wanted - audio.offset
    // Reports a minute apart are of no sane sender.
    if (Math.abs(error) > 60 * TICKS) return
    audio.offset = Math.abs(error) > JUMP ? wanted : audio.offset + Math.max(-SLEW, Math.min(SLEW, error))
  }
}

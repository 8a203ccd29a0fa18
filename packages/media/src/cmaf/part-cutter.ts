import type { Ticks90k } from '@millrace/base'
import type { CodedFrame } from '../segment/segment.ts'
import { cmafChunk, soundTicks } from './chunk.ts'
import { cmafInit } from './init.ts'
import { type CmafTrack, cmafTrackOf, sameTrack } from './track.ts'

/** A piece of a segment that is ready to be sent. */
export type CutPart = {
  readonly init: Uint8Array
  readonly data: Uint8Array
  readonly independent: boolean
  readonly durationMs: number
  readonly frames: number
  /** Of its first frame. */
  readonly pts: Ticks90k
}

/** Frames of sound that begin less than this from the end of those before follow them without a gap; rounded ticks never match. */
const SNAP_MS = 5
const MAX_FRAME_TICKS = 90_000

/**
 * Cuts the frames of one track of a stream into parts of about one length. A part is given as soon as its last frame is there: how long that
 * frame lasts is taken from the one before. Throws what a frame's parameter sets are damaged by.
 */
export class PartCutter {
  readonly #partMs: () => number
  #track: CmafTrack | undefined
  #init: Uint8Array | undefined
  #frames: CodedFrame[] = []
  #frameTicks: number | undefined
  #lastDts = Number.NaN
  #sequence = 0
  /** Where the sound so far ends, on its track's own clock. */
  #soundEnd: number | undefined

  /** `partMs` is asked before every part, so that sound can follow the parts of the pictures. */
  constructor(partMs: () => number) {
    this.#partMs = partMs
  }

  get track(): CmafTrack | undefined {
    return this.#track
  }

  /** How long a frame lasts, in milliseconds, once two of them came. */
  get frameMs(): number | undefined {
    return this.#frameTicks === undefined ? undefined : this.#frameTicks / 90
  }

  /** Takes the next frame; returns the part that it completes. */
  push(frame: CodedFrame): CutPart | undefined {
    const track = this.#newTrackOf(frame)
    // Frames of two tracks never share a part.
    const before = track && this.flush(frame.dts)
    if (track) {
      this.#track = track
      this.#init = cmafInit(track)
      if (before) this.#frameTicks = undefined
    }
    return this.#add(frame) ?? before
  }

  #add(frame: CodedFrame): CutPart | undefined {
    if (!this.#track) return undefined
    const step = frame.dts - this.#lastDts
    if (frame.kind === 'audio') this.#frameTicks = (soundTicks(this.#track, frame) * 90_000) / this.#track.timescale
    else if (step > 0 && step < MAX_FRAME_TICKS) this.#frameTicks = step
    this.#lastDts = frame.dts
    this.#frames.push(frame)
    if (this.#frameTicks === undefined) return undefined
    const held = this.#heldTicks()
    // Another frame would make it longer than what is told of all parts.
    return held + this.#frameTicks > this.#partMs() * 90 * 1.04 ? this.#cut(undefined) : undefined
  }

  /** What is left at the end of a segment; `endDts` is where the next picture begins, if that is known. */
  flush(endDts?: number): CutPart | undefined {
    return this.#frames.length > 0 ? this.#cut(endDts) : undefined
  }

  #newTrackOf(frame: CodedFrame): CmafTrack | undefined {
    if (frame.kind === 'audio' && this.#track?.codec === 'aac' && this.#track.config === frame.config) return undefined
    const track = cmafTrackOf(frame)
    return track && this.#track && sameTrack(this.#track, track) ? undefined : track
  }

  #heldTicks(): number {
    const { length } = this.#frames
    if (this.#track?.kind === 'audio') return length * (this.#frameTicks ?? 0)
    return this.#frames[length - 1]!.dts - this.#frames[0]!.dts + (this.#frameTicks ?? 0)
  }

  #cut(endDts: number | undefined): CutPart {
    const track = this.#track!
    const frames = this.#frames
    this.#frames = []
    const first = frames[0]!
    const sequence = ++this.#sequence
    const facts = { init: this.#init!, frames: frames.length, pts: first.pts }
    if (track.kind === 'audio') {
      const told = Math.round((first.dts * track.timescale) / 90_000)
      const end = this.#soundEnd
      const follows = end !== undefined && Math.abs(told - end) * 1_000 < SNAP_MS * track.timescale
      const baseTime = follows ? end : told
      const length = frames.reduce((sum, frame) => sum + soundTicks(track, frame), 0)
      this.#soundEnd = baseTime + length
      const data = cmafChunk(track, frames, { sequence, baseTime })
      return { ...facts, data, independent: true, durationMs: (length * 1_000) / track.timescale }
    }
    const end = endDts ?? frames.at(-1)!.dts + (this.#frameTicks ?? 3_000)
    const data = cmafChunk(track, frames, { sequence, endDts: end })
    return { ...facts, data, independent: first.keyFrame, durationMs: (end - first.dts) / 90 }
  }
}

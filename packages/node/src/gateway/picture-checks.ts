import { type Log, MillraceError } from '@millrace/base'
import {
  type Comparison,
  countFault,
  countPixels,
  faultOf,
  type PictureCount,
  type PictureJudge,
  soundFault,
} from '@millrace/media'
import type { Address, TellEvent, VideoProfile } from '@millrace/wire'
import type { SourceSegment } from './buyer.ts'
import type { OrchestratorBook } from './orchestrator-book.ts'

export type PictureChecksOptions = {
  /** One result in so many is compared with its source; 1 means all of them, 0 none. */
  readonly oneIn: number
  /** x264 preset that was agreed on: the rendition is encoded here too, and must not be worse. Undefined leaves that out. */
  readonly preset?: string | undefined
}

export type PictureChecksDeps = {
  readonly judge: Pick<PictureJudge, 'prepare' | 'compare'>
  readonly book: Pick<OrchestratorBook, 'quality' | 'compared'>
  readonly tell: TellEvent
  readonly log: Log
  readonly random: () => number
}

/** A result that came with the right signature and the right number of pixels. */
export type DeliveredResult = {
  readonly segment: SourceSegment
  readonly ladder: readonly VideoProfile[]
  readonly renditions: readonly Uint8Array[]
  /** True when the renditions came in parts, as CMAF. */
  readonly live?: true
  /** In the order of the ladder. */
  readonly pictures: readonly PictureCount[]
  readonly orchestrator: Address
  readonly serviceUri: string
}

/** The code of results that show something else than was asked for. */
export const WRONG_PICTURES = 'wrong_pictures'
const PLACES = 6
/** Whose pictures were less true than this is looked at every time: who cheated, for about three more results. */
const TRUSTED_QUALITY = 0.5

/**
 * Looks at what orchestrators deliver: size, number and times of the pictures and the sound in every result, and what the pictures show in some.
 * Who was never looked at is looked at first; which pictures of which rendition are compared, nobody knows beforehand.
 */
export class PictureChecks {
  readonly #oneIn: number
  readonly #preset: string | undefined
  readonly #deps: PictureChecksDeps
  /** Those of the segments under way: an attempt more at one of them does not count its pictures again. */
  readonly #sources = new WeakMap<SourceSegment, PictureCount | undefined>()

  constructor(options: PictureChecksOptions, deps: PictureChecksDeps) {
    this.#oneIn = options.oneIn
    this.#preset = options.preset
    this.#deps = deps
    if (options.oneIn > 0) deps.judge.prepare()
  }

  /** Throws `wrong_pictures`. */
  async check(result: DeliveredResult): Promise<void> {
    this.#checkCounts(result)
    if (this.#isDrawn(result.serviceUri)) await this.#compare(result)
  }

  #checkCounts({ segment, ladder, pictures, live }: DeliveredResult): void {
    const source = this.#sourceOf(segment)
    if (!source) return
    for (const [i, profile] of ladder.entries()) {
      // What comes in parts are pictures only.
      const fault = countFault(pictures[i]!, source, profile) ?? (live ? undefined : soundFault(pictures[i]!, source))
      if (fault) throw wrongPictures(profile, fault)
    }
  }

  /** Undefined for a source whose pictures cannot be counted without decoding them. */
  #sourceOf(segment: SourceSegment): PictureCount | undefined {
    if (this.#sources.has(segment)) return this.#sources.get(segment)
    let count: PictureCount | undefined
    try {
      count = countPixels(segment.data, segment.container)
    } catch {
      this.#deps.log.debug('the pictures of a source segment cannot be counted', { seq: segment.seq })
    }
    this.#sources.set(segment, count)
    return count
  }

  #isDrawn(serviceUri: string): boolean {
    if (this.#oneIn === 0) return false
    const quality = this.#deps.book.quality(serviceUri)
    return quality === undefined || quality < TRUSTED_QUALITY || this.#deps.random() * this.#oneIn < 1
  }

  async #compare({ segment, ladder, renditions, live, orchestrator, serviceUri }: DeliveredResult): Promise<void> {
    const { judge, book, tell, log, random } = this.#deps
    const index = Math.min(ladder.length - 1, Math.floor(random() * ladder.length))
    const profile = ladder[index] as VideoProfile
    const judgement = await judge.compare({
      source: { data: segment.data, container: segment.container },
      rendition: { data: renditions[index] as Uint8Array, container: live ? 'mp4' : profile.format },
      places: Array.from({ length: PLACES }, (_, i) => (i + random()) / PLACES),
      ...(this.#preset !== undefined && { sample: { profile, preset: this.#preset, live: live ?? false } }),
    })
    const { manifestId, seq } = segment
    if (judgement.outcome === 'unchecked') {
      log.debug('a result was not compared with its source', { manifestId, seq, reason: judgement.reason })
      return
    }
    const compared = judgement.outcome === 'compared' ? judgement.comparison : undefined
    const fault =
      judgement.outcome === 'compared' ? faultOf(judgement.comparison) : `it cannot be decoded: ${judgement.reason}`
    book.compared(serviceUri, fault ? 0 : qualityOf(compared))
    tell({
      type: 'result_compared',
      manifestId,
      seq,
      orchestrator,
      orchestratorUri: serviceUri,
      rendition: profile.name,
      ...(compared && { ssim: rounded(compared.ssim), likeness: rounded(compared.likeness) }),
      ...(fault !== undefined && { fault }),
    })
    // What only a sample shows is a matter of what was agreed, which no juror knows.
    const evident = !compared || faultOf({ ...compared, sample: undefined }) !== undefined
    if (fault) throw wrongPictures(profile, fault, evident)
  }
}

const qualityOf = (comparison: Comparison | undefined): number => Math.min(1, Math.max(0, comparison?.ssim ?? 0))

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000

const wrongPictures = (profile: VideoProfile, fault: string, evident = true): MillraceError =>
  new MillraceError(WRONG_PICTURES, `rendition ${profile.name} is not what was asked for: ${fault}`, {
    meta: { evident },
  })

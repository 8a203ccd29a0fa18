import type { Log } from '@millrace/base'
import { type PictureJudge, soundFault } from '@millrace/media'
import type { VideoProfile } from '@millrace/wire'
import type { ComparableResult } from './buyer.ts'

export type FastVerificationOptions = {
  /** One segment in so many of a verified orchestrator is verified again. */
  readonly freq: number
  readonly ladder: readonly VideoProfile[]
}

export type FastVerificationDeps = {
  readonly judge: Pick<PictureJudge, 'match'>
  /** Buys the segment from one of the trusted, the untrusted, or the one with this service URI; undefined when there is none left. */
  readonly buyFrom: (whom: Whom) => Promise<ComparableResult | undefined>
  /** Is told of an untrusted result that is not what the trusted one is. */
  readonly mismatch: (result: ComparableResult, fault: string) => void
  readonly log: Log
  readonly random: () => number
}

export type Whom = 'trusted' | 'untrusted' | { readonly serviceUri: string }

/** Upstream asks two of them beside the trusted one. */
const UNTRUSTED = 2

/**
 * Fast verification (wire spec 6.7): a segment is bought from one trusted orchestrator and two others at once; one whose
 * result is the trusted one's goes on alone, until its turn to be verified comes again.
 */
export class FastVerification {
  readonly #options: FastVerificationOptions
  /** The service URI of who was verified last. */
  #verified: string | undefined

  constructor(options: FastVerificationOptions) {
    this.#options = options
  }

  /** The result to use; undefined when nobody delivered, and the segment is to be bought as any other. */
  async buy(deps: FastVerificationDeps): Promise<ComparableResult | undefined> {
    const { freq } = this.#options
    if (this.#verified !== undefined && deps.random() >= 1 / freq) {
      const alone = await deps.buyFrom({ serviceUri: this.#verified })
      if (alone) return alone
      this.#verified = undefined
    }
    const [trusted, ...others] = await Promise.all([
      deps.buyFrom('trusted'),
      ...Array.from({ length: UNTRUSTED }, () => deps.buyFrom('untrusted')),
    ])
    // Without a trusted result nothing more is known of the others than what every result is checked for.
    if (!trusted) return others.find((other) => other !== undefined)
    let winner: ComparableResult | undefined
    for (const other of others) {
      if (!other) continue
      const fault = await this.#fault(trusted, other, deps)
      if (fault === 'unknown') continue
      if (fault === undefined) winner ??= other
      else {
        if (this.#verified === other.serviceUri) this.#verified = undefined
        deps.mismatch(other, fault)
      }
    }
    if (winner) this.#verified = winner.serviceUri
    return winner ?? trusted
  }

  /** What is other in one random rendition; undefined when nothing is. The signatures are made here, of the videos themselves: a peer's word is no proof. */
  async #fault(
    trusted: ComparableResult,
    other: ComparableResult,
    { judge, log, random }: FastVerificationDeps,
  ): Promise<string | undefined> {
    const { ladder } = this.#options
    const index = Math.min(ladder.length - 1, Math.floor(random() * ladder.length))
    const { format: container, name } = ladder[index] as VideoProfile
    const [mine, its] = [trusted.pictures[index]!, other.pictures[index]!]
    if (mine.width !== its.width || mine.height !== its.height)
      return `rendition ${name} has ${its.width}x${its.height}, the trusted one ${mine.width}x${mine.height}`
    const sound = soundFault(its, mine)
    if (sound) return `rendition ${name}, compared with the trusted one: ${sound}`
    const [first, second] = [trusted, other].map(({ bought }) => ({ data: bought.renditions[index]!, container }))
    const judged = await judge.match(first!, second!)
    if (judged.outcome === 'unchecked') {
      log.debug('a result was not compared with the trusted one', { reason: judged.reason })
      return 'unknown'
    }
    if (judged.outcome === 'undecodable') return `rendition ${name} cannot be decoded: ${judged.reason}`
    return judged.match === 'none' ? `rendition ${name} shows something else than the trusted one` : undefined
  }
}

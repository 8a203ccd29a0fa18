import { addRational, compareRational, type Rational } from '@millrace/base'
import { type Capabilities, capabilityNumbers } from '@millrace/wire'

/** The name of a price for every model, and for a capability that has no models. */
export const ANY_MODEL = 'default'

/** What a gateway pays at most for a pixel: for anything, and for jobs that need certain capabilities (`-maxPricePerCapability`). */
export class PriceCeilings {
  /** Wei per pixel; undefined for any price. */
  base: Rational | undefined
  readonly #models = new Map<number, Map<string, Rational>>()

  constructor(base?: Rational) {
    this.base = base
  }

  set(capability: number, modelId: string, most: Rational): void {
    const models = this.#models.get(capability) ?? new Map<string, Rational>()
    this.#models.set(capability, models.set(modelId, most))
  }

  /**
   * The most for a job. Where it names models, the sum of theirs, as go-livepeer reckons; else the highest of those set for
   * capabilities that it needs; else the one for anything. Undefined for any price.
   */
  most(job: Capabilities | undefined): Rational | undefined {
    if (!job || this.#models.size === 0) return this.base
    const models = [...(job.constraints?.perCapability ?? [])].flatMap(([capability, { models }]) =>
      [...models.keys()].flatMap((id) => this.of(capability, id) ?? []),
    )
    if (models.length > 0) return models.reduce(addRational)
    const needed = capabilityNumbers(job.bits).flatMap((capability) => this.of(capability, ANY_MODEL) ?? [])
    return needed.length > 0 ? needed.reduce((a, b) => (compareRational(a, b) < 0 ? b : a)) : this.base
  }

  /** That of one model, or of its capability; undefined where none is set for them. */
  of(capability: number, modelId: string): Rational | undefined {
    const models = this.#models.get(capability)
    return models?.get(modelId) ?? models?.get(ANY_MODEL)
  }
}

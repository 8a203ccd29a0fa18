import type { Rational } from '@millrace/base'
import type { Address, ManifestId } from '@millrace/wire'
import { type Candidate, type Selection, type SelectionOptions, selectOrchestrator, type Verdict } from './selection.ts'

/** An orchestrator that could not even be chosen: it gave no terms, or terms that are of no use. */
export type LeftOut = {
  readonly serviceUri: string
  readonly address: Address | undefined
  readonly reason: 'no_terms' | 'blocked' | 'incompatible' | 'wrong_address'
  readonly detail: string
}

/** One choice with everything that it was made from. */
export type Choice = {
  readonly atMs: number
  readonly seq: number
  /** Counts from 1 for each segment; the second of a segment is a retry or a hedge. */
  readonly attempt: number
  readonly random: number
  readonly options: SelectionOptions
  readonly candidates: readonly Candidate[]
  readonly leftOut: readonly LeftOut[]
  readonly picked: string | undefined
  readonly verdicts: readonly Verdict[]
}

/** The answer of GET /explain/{manifestId}: the latest choices, oldest first; amounts are decimal strings. */
export type Explanation = {
  readonly manifestId: ManifestId
  readonly choices: readonly unknown[]
  /** Who serves its viewers and why, where orchestrators do. */
  readonly edges?: unknown
}

const MAX_CHOICES = 500
/** Candidates that are remembered in all: with a thousand orchestrators the latest twenty choices are kept. */
const MAX_ROWS = 20_000
const MAX_STREAMS = 200

/** The latest choices of every stream, for GET /explain; what is kept is bounded by streams, choices and candidates. */
export class ChoiceLog {
  readonly #streams = new Map<ManifestId, Choice[]>()
  #rows = 0

  add(manifestId: ManifestId, choice: Choice): void {
    const choices = this.#streams.get(manifestId) ?? []
    // The stream that chose last is the last in the map: the first is the one to forget.
    this.#streams.delete(manifestId)
    this.#streams.set(manifestId, choices)
    choices.push(choice)
    this.#rows += rowsOf(choice)
    while (choices.length > MAX_CHOICES) this.#rows -= rowsOf(choices.shift()!)
    while (this.#streams.size > MAX_STREAMS || (this.#rows > MAX_ROWS && this.#rows > rowsOf(choice))) this.#forgetOne()
  }

  get(manifestId: ManifestId): readonly Choice[] | undefined {
    return this.#streams.get(manifestId)
  }

  #forgetOne(): void {
    const [oldest, choices] = this.#streams.entries().next().value!
    if (this.#streams.size <= MAX_STREAMS && choices.length > 1) {
      this.#rows -= rowsOf(choices.shift()!)
      return
    }
    this.#rows -= choices.reduce((sum, choice) => sum + rowsOf(choice), 0)
    this.#streams.delete(oldest)
  }
}

const rowsOf = ({ candidates, leftOut }: Choice): number => candidates.length + leftOut.length + 1

/** Makes a recorded choice again; the same inputs give the same choice. */
export const replay = (choice: Pick<Choice, 'candidates' | 'options' | 'random'>): Selection =>
  selectOrchestrator(choice.candidates, choice.options, choice.random)

/** A choice as JSON shows it: each orchestrator with its inputs beside what became of it. */
export function explainChoice(choice: Choice): Record<string, unknown> {
  const { candidates, verdicts, leftOut, options, ...rest } = choice
  return {
    ...rest,
    options: { ...options, ...(options.maxPricePerPixel && { maxPricePerPixel: price(options.maxPricePerPixel) }) },
    considered: candidates.map((candidate, i) => ({
      ...candidate,
      pricePerPixel: price(candidate.pricePerPixel),
      stakeLpt: candidate.stakeLpt.toString(),
      ...(candidate.creditWei !== undefined && { creditWei: candidate.creditWei.toString() }),
      probability: verdicts[i]?.probability,
      reason: verdicts[i]?.reason,
    })),
    leftOut,
  }
}

/** Reads what `explainChoice` made, so that a choice can be made again from its JSON. */
export function replayable(json: Record<string, unknown>): Pick<Choice, 'candidates' | 'options' | 'random'> {
  const options = json.options as SelectionOptions & { readonly maxPricePerPixel?: Text }
  const { maxPricePerPixel: max } = options
  return {
    random: Number(json.random),
    options: { ...options, ...(max && { maxPricePerPixel: rationalOf(max) }) },
    candidates: (json.considered as Record<string, unknown>[]).map((c) => ({
      ...(c as unknown as Candidate),
      pricePerPixel: rationalOf(c.pricePerPixel as Text),
      stakeLpt: BigInt(c.stakeLpt as string),
      ...(c.creditWei !== undefined && { creditWei: BigInt(c.creditWei as string) }),
    })),
  }
}

type Text = { readonly num: string; readonly den: string }
const price = ({ num, den }: Rational): Text => ({ num: num.toString(), den: den.toString() })
const rationalOf = ({ num, den }: Text): Rational => ({ num: BigInt(num), den: BigInt(den) })

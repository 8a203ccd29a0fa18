import { errorText, type Log, MillraceError } from '@millrace/base'
import type { DisputeDuties } from '@millrace/chain'
import type { SignedSegmentCommitment } from '@millrace/wire'
import {
  type Evidence,
  type EvidenceHashes,
  encodeEvidence,
  evidenceKey,
  hashesOf,
  MAX_EVIDENCE_BYTES,
} from './evidence.ts'

export type ChallengerDeps = {
  readonly duties: Pick<DisputeDuties, 'challenge'>
  /** The orchestrators that may be drawn as jurors, without the accused. */
  readonly jurors: (accused: string) => Promise<readonly string[]>
  /** Hands evidence to one of them; throws when it is not taken. */
  readonly send: (serviceUri: string, key: string, bytes: Uint8Array) => Promise<void>
  readonly log: Log
}

/** Takes an orchestrator to court for what it signed: challenges the commitment, and hands the evidence to everybody who may judge. */
export class Challenger {
  readonly #deps: ChallengerDeps
  #turn: Promise<unknown> = Promise.resolve()

  constructor(deps: ChallengerDeps) {
    this.#deps = deps
  }

  /**
   * Resolves with the dispute's number. Throws `bad_evidence` when this is not what was committed to, and ChainError
   * `reverted` when the chain refuses the challenge, for example because this account has no stake.
   */
  challenge(signed: SignedSegmentCommitment, evidence: Evidence): Promise<bigint> {
    const challenged = this.#turn.then(() => this.#challenge(signed, evidence))
    this.#turn = challenged.catch(() => {})
    return challenged
  }

  async #challenge(signed: SignedSegmentCommitment, evidence: Evidence): Promise<bigint> {
    const { duties, jurors, send, log } = this.#deps
    const bytes = encodeEvidence(evidence)
    const key = evidenceKey(hashesOf(evidence))
    if (key !== evidenceKey(signed as EvidenceHashes))
      throw new MillraceError(
        'bad_evidence',
        'the evidence of a dispute cannot be used: it is not what was committed to',
      )
    if (bytes.length > MAX_EVIDENCE_BYTES)
      throw new MillraceError('bad_evidence', 'the evidence of a dispute cannot be used: it is too large')
    const dispute = await duties.challenge(signed)
    const addresses = await jurors(signed.recipient)
    const sent = await Promise.allSettled(addresses.map((serviceUri) => send(serviceUri, key, bytes)))
    const failed = sent.flatMap((one, i) =>
      one.status === 'rejected' ? [`${addresses[i]}: ${errorText(one.reason)}`] : [],
    )
    const { recipient: accused, manifestId, seq } = signed
    log.info('an orchestrator was challenged', { dispute, accused, manifestId, seq, jurors: addresses.length })
    // Jurors ask each other for what they did not get.
    if (failed.length > 0)
      log.warn('evidence was not taken by all who may judge', { dispute, failed: failed.slice(0, 5) })
    return dispute
  }
}

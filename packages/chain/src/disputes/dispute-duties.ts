import { errorText, type Log } from '@millrace/base'
import type { Address, SignedSegmentCommitment } from '@millrace/wire'
import { type Hex, keccak256 } from 'viem'
import { approve } from '../contracts/livepeer-token.ts'
import { blockNum } from '../contracts/rounds-manager.ts'
import type { Dispute, DisputeEvidence, Verdict, Verifier } from '../contracts/verifier.ts'
import * as contract from '../contracts/verifier.ts'
import { ChainError } from '../errors.ts'
import type { TxSender } from '../transactions/tx-sender.ts'

/**
 * Transcodes the evidence again and says what it finds. Whatever it throws counts as evidence that could not be had.
 * The signal aborts when the vote would come too late.
 */
export type Judge = (evidence: DisputeEvidence, options: { readonly signal: AbortSignal }) => Promise<Verdict>

export type DisputeDutiesDeps = {
  readonly verifier: Verifier
  readonly sender: TxSender
  readonly judge: Judge
  /**
   * 32 bytes that only this account can know and that are the same every time for the same purpose, so that a dispute
   * goes on after a restart without anything stored: an HMAC of the account's key, for example.
   */
  readonly secretFor: (purpose: string) => Hex
  readonly log: Log
}

/** Blocks for which others leave it to the parties to settle. */
const PATIENCE = 5n
const LOCKS_PER_TRANSACTION = 100n

/**
 * Does what disputes ask of one account: answers as the accused, draws and settles as the challenger, judges, votes and
 * collects as a juror. All state is on the chain; `tick` does what is due and may be called as often as one likes.
 */
export class DisputeDuties {
  readonly #deps: DisputeDutiesDeps
  /** Disputes below this one need nothing more of this account. */
  #first = 1n

  constructor(deps: DisputeDutiesDeps) {
    this.#deps = deps
  }

  get #me(): Address {
    return this.#deps.sender.address
  }

  /**
   * Challenges a commitment: approves the bond, announces, and a block later challenges. Returns the dispute's number.
   * Call it again with the same commitment if it failed half-way. Throws ChainError `reverted` with the contract's reason.
   */
  async challenge(
    signed: SignedSegmentCommitment,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<bigint> {
    const { verifier, sender } = this.#deps
    const { client } = verifier
    const digest = await contract.commitmentDigestOnChain(verifier, signed)
    const { secret, salt } = this.#challengeSecrets(digest)
    const { challengeBond } = await contract.disputeParameters(verifier)
    await approve(client, sender, { spender: verifier.address, amount: challengeBond }, { signal })
    const announcement = contract.challengeAnnouncement(this.#me, { digest, secret, salt })
    try {
      await contract.announceChallenge(verifier, sender, announcement, { signal })
    } catch (error) {
      // A challenge that stopped after its announcement goes on from there.
      if (!isRefusal(error, 'AlreadyAnnounced')) throw error
    }
    await this.#nextBlock(signal)
    const { receipt } = await contract.challengeCommitment(verifier, sender, { signed, secret, salt }, { signal })
    return contract.disputeOpenedBy(receipt)
  }

  /** Does all that is due now, one dispute after the other; a failure in one is logged and tried again at the next tick. */
  async tick({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const { verifier, log } = this.#deps
    const count = await contract.disputeCount(verifier)
    let allDone = true
    for (let id = this.#first; id <= count; id++) {
      signal?.throwIfAborted()
      try {
        const done = await this.#attend(id, signal)
        allDone &&= done
        if (allDone) this.#first = id + 1n
      } catch (error) {
        allDone = false
        log.warn('a duty in a dispute failed, trying again', { dispute: id, error: errorText(error) })
      }
    }
  }

  /** Pays out what disputes have brought this account; resolves with the LPT base units. */
  async collect({ signal }: { readonly signal?: AbortSignal } = {}): Promise<bigint> {
    const { verifier, sender } = this.#deps
    const amount = await contract.disputeBalance(verifier, this.#me)
    if (amount > 0n) await contract.withdrawFromDisputes(verifier, sender, { signal })
    return amount
  }

  /** Does what is due in one dispute; true when it never needs this account again. */
  async #attend(id: bigint, signal: AbortSignal | undefined): Promise<boolean> {
    const { verifier } = this.#deps
    const [dispute, block] = await Promise.all([contract.getDispute(verifier, id), blockNum(verifier.client)])
    if (dispute.outcome !== 'open') return this.#finish(dispute, signal)
    if (dispute.committee) await this.#vote(dispute, dispute.committee, block, signal)
    else await this.#prepare(dispute, block, signal)
    return false
  }

  /** Before the committee: the accused answers, the challenger draws. */
  async #prepare(dispute: Dispute, block: bigint, signal: AbortSignal | undefined): Promise<void> {
    const { verifier, sender, secretFor } = this.#deps
    const { id, answerDeadline } = dispute
    if (dispute.accused === this.#me && !dispute.answered && block < answerDeadline)
      await contract.answerDispute(verifier, sender, id, secretFor(`dispute ${id} answer`), { signal })

    const seedBlock = answerDeadline + 1n
    const { drawBlocks } = await contract.disputeParameters(verifier, dispute.parametersVersion)
    const lastDraw = seedBlock + BigInt(drawBlocks)
    if (dispute.challenger === this.#me && block > seedBlock && block < lastDraw)
      await contract.drawCommittee(verifier, sender, id, this.#challengeSecrets(dispute.commitment).secret, { signal })
    if (dispute.accused === this.#me && block > lastDraw) await contract.giveUpDispute(verifier, sender, id, { signal })
  }

  async #vote(
    dispute: Dispute,
    committee: NonNullable<Dispute['committee']>,
    block: bigint,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { verifier, sender } = this.#deps
    const { id } = dispute
    if (block > committee.revealDeadline) {
      const isParty = dispute.challenger === this.#me || dispute.accused === this.#me
      if (isParty || block > committee.revealDeadline + PATIENCE)
        await contract.settleDispute(verifier, sender, id, { signal })
      return
    }
    const seats = await contract.seatsOf(verifier, id, this.#me)
    if (seats === 0n) return
    const ballot = await contract.getBallot(verifier, id, this.#me)
    if (block < committee.commitDeadline && !ballot.commitment) {
      const verdict = await this.#judge(id, signal)
      await contract.commitVote(verifier, sender, id, this.#seal(id, verdict), { signal })
    } else if (block > committee.commitDeadline && ballot.commitment && !ballot.vote) {
      const verdict = (['lie', 'honest', 'unavailable'] as const).find((v) => this.#seal(id, v) === ballot.commitment)
      if (!verdict)
        throw new ChainError(
          'wrong_secret',
          `the vote in dispute ${id} was sealed with another secret: bring that one back to open it`,
        )
      await contract.revealVote(verifier, sender, { id, verdict, salt: this.#voteSalt(id) }, { signal })
    }
  }

  async #finish(dispute: Dispute, signal: AbortSignal | undefined): Promise<boolean> {
    const { verifier, sender } = this.#deps
    const { id } = dispute
    if (dispute.challenger === this.#me && dispute.locksLeft > 0n) {
      await contract.slashMoreLocks(verifier, sender, id, LOCKS_PER_TRANSACTION, { signal })
      return false
    }
    const seats = await contract.seatsOf(verifier, id, this.#me)
    if (seats > 0n) {
      const { vote, settled } = await contract.getBallot(verifier, id, this.#me)
      // Whoever did not vote has a fine to expect and leaves it to others to ask for it.
      if (vote && !settled) await contract.settleJuror(verifier, sender, id, this.#me, { signal })
    }
    return true
  }

  async #judge(id: bigint, signal: AbortSignal | undefined): Promise<Verdict> {
    const { verifier, judge, log } = this.#deps
    const evidence = await contract.getDisputeEvidence(verifier, id)
    try {
      return await judge(evidence, { signal: signal ?? new AbortController().signal })
    } catch (error) {
      signal?.throwIfAborted()
      log.warn('the evidence of a dispute could not be judged', { dispute: id, error: errorText(error) })
      return 'unavailable'
    }
  }

  #seal(id: bigint, verdict: Verdict): Hex {
    return contract.sealVote({ disputeId: id, juror: this.#me, verdict, salt: this.#voteSalt(id) })
  }

  #voteSalt(id: bigint): Hex {
    return this.#deps.secretFor(`dispute ${id} vote`)
  }

  #challengeSecrets(digest: Hex): { readonly secret: Hex; readonly salt: Hex } {
    const secret = this.#deps.secretFor(`challenge ${digest}`)
    // The salt becomes public with the challenge and must not tell the secret.
    return { secret, salt: keccak256(keccak256(secret)) }
  }

  async #nextBlock(signal: AbortSignal | undefined): Promise<void> {
    const { verifier } = this.#deps
    const announced = await blockNum(verifier.client)
    while ((await blockNum(verifier.client)) <= announced) {
      signal?.throwIfAborted()
      await new Promise((resolve) => setTimeout(resolve, verifier.client.chainId === 31337 ? 50 : 1_000))
    }
  }
}

const isRefusal = (error: unknown, name: string): boolean =>
  error instanceof ChainError && error.code === 'reverted' && String(error.meta?.reason).startsWith(name)

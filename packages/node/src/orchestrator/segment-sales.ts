import { type Hex, MillraceError, toHex } from '@millrace/base'
import type { Hashing } from '@millrace/base/node'
import { type Balances, feeOf, type TicketRecipient } from '@millrace/payments'
import {
  type CommitmentDomain,
  PEER_ERROR,
  priceToRational,
  profilesHash,
  renditionsHash,
  type SignedSegmentCommitment,
  type Signer,
  signHashMessage,
  signSegmentCommitment,
  type TellEvent,
  type TranscodeData,
} from '@millrace/wire'
import type { TranscodedSegment } from '../links/ports.ts'
import type { Admitted } from './segment-admission.ts'
import type { Terms } from './terms.ts'
import { wholeWei } from './whole-wei.ts'

export type SegmentSalesOptions = {
  /** Undefined off chain: nothing is signed, nothing is paid. */
  readonly domain: CommitmentDomain | undefined
}

export type SegmentSalesDeps = {
  readonly signer: Signer | undefined
  /** Undefined off chain. */
  readonly recipient: TicketRecipient | undefined
  readonly balances: Balances
  readonly terms: Terms
  readonly round: () => bigint
  readonly hashing: Hashing
  readonly keepCommitment: (signed: SignedSegmentCommitment) => void
  readonly tell: TellEvent
}

type Work = Pick<Admitted, 'segment' | 'sender' | 'token' | 'traceparent'>

/** Turns finished work into money: signs the result, commits to it, and debits the fee. */
export class SegmentSales {
  readonly #options: SegmentSalesOptions
  readonly #deps: SegmentSalesDeps

  constructor(options: SegmentSalesOptions, deps: SegmentSalesDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** Signs and debits; throws when a rendition is empty. `sourceHash` is of the source's bytes as they came. */
  async sell(
    work: Work & { readonly sourceHash: Hex; readonly transcoded: TranscodedSegment },
  ): Promise<Pick<TranscodeData, 'signature' | 'commitment'>> {
    const { transcoded } = work
    const { hashing, signer } = this.#deps
    if (transcoded.renditions.some(({ data }) => data.length < 25))
      throw new MillraceError('zero_segments', PEER_ERROR.zeroSegments)
    const pixels = transcoded.renditions.reduce((sum, rendition) => sum + rendition.pixels, 0n)
    const hashes = await Promise.all(transcoded.renditions.map(({ data }) => hashing.keccak256(data)))
    const hash = renditionsHash(hashes)
    await this.debit(work, pixels)
    const commitment = this.#commit({ ...work, pixels, renditionsHash: toHex(hash) })
    return {
      signature: signer ? signHashMessage(signer, hash) : new Uint8Array(0),
      ...(commitment && { commitment }),
    }
  }

  /** Takes the fee for so many pixels from the sender's balance. */
  async debit({ segment, sender, token, traceparent }: Work, pixels: bigint): Promise<void> {
    const { balances, recipient, terms, tell } = this.#deps
    if (!recipient) return
    const { manifestId, seq } = segment
    const { sessionId } = token
    const fee = feeOf(pixels, priceToRational(await terms.price(sender, sessionId)))
    const { after } = balances.debit(sender, sessionId, fee)
    tell({
      type: 'segment_debited',
      manifestId,
      seq,
      sender,
      sessionId,
      feeWei: wholeWei(fee),
      balanceWei: wholeWei(after),
      pixels: pixels.toString(),
      traceparent,
    })
  }

  #commit({
    segment,
    sender,
    token,
    sourceHash,
    pixels,
    renditionsHash,
  }: Work & {
    readonly sourceHash: Hex
    readonly pixels: bigint
    readonly renditionsHash: Hex
  }): SignedSegmentCommitment | undefined {
    const { signer, round, keepCommitment } = this.#deps
    const { domain } = this.#options
    if (!signer || !domain) return undefined
    const signed = signSegmentCommitment(signer, domain, {
      sender,
      recipient: signer.address,
      manifestId: segment.manifestId,
      seq: segment.seq,
      sourceHash,
      profilesHash: toHex(profilesHash(segment.profiles)),
      renditionsHash,
      pixels,
      sessionId: token.sessionId,
      round: round(),
    })
    keepCommitment(signed)
    return segment.wantsCommitment ? signed : undefined
  }
}

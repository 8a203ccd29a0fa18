import type { Wei } from '@millrace/base'

/** What a message to layer 2 may cost. Too little gas leaves it waiting there, to be redeemed with more. */
export type MessageCost = {
  /** Gas of the call on layer 2. */
  readonly maxGas: bigint
  /** Wei per gas on layer 2. */
  readonly gasPriceBid: Wei
  /** Most wei that storing the message may cost. */
  readonly maxSubmissionCost: Wei
}

/** Wei that must come with a message, to the unit. */
export const messageValue = ({ maxGas, gasPriceBid, maxSubmissionCost }: MessageCost): Wei =>
  (maxSubmissionCost + maxGas * gasPriceBid) as Wei

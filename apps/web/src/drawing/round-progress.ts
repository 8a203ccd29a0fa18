/**
 * How far the round is, from 0 to 1, reckoned from where the next one begins.
 * Undefined where rounds did not all have one length, because then it cannot be told from one moment.
 */
export function roundProgress(chain: {
  readonly block: string
  readonly round: string
  readonly blocksToNextRound: number
}): number | undefined {
  const length = (Number(chain.block) + chain.blocksToNextRound) / (Number(chain.round) + 1)
  if (!Number.isInteger(length) || length < chain.blocksToNextRound || length <= 0) return undefined
  return (length - chain.blocksToNextRound) / length
}

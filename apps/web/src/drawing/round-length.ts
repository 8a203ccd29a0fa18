/**
 * The blocks of a round, reckoned from where the next one begins.
 * Undefined where rounds did not all have one length, because then it cannot be told from one moment.
 */
export function roundLength(chain: {
  readonly block: string
  readonly round: string
  readonly blocksToNextRound: number
}): number | undefined {
  const nextStart = Number(chain.block) + chain.blocksToNextRound
  const length = nextStart / (Number(chain.round) + 1)
  return Number.isInteger(length) && length >= chain.blocksToNextRound && length > 0 ? length : undefined
}

/** An orchestrator that lies now and then, and a gateway that looks now and then. Parts are fractions of 1. */
export type DetectionOdds = {
  /** Part of its results that are lies. */
  readonly lies: number
  /** Part of the results that are looked at; 1 for what is checked at every segment. */
  readonly looked: number
  /** Part of the lies that are seen when they are looked at. */
  readonly seen: number
  readonly segmentMs: number
  /** CPU time of one look. */
  readonly lookMs: number
  /** What one segment costs, in wei. */
  readonly feeWei: bigint
}

export type Detection = {
  /** Segments until the first lie is seen, on average. */
  readonly segments: number
  readonly seconds: number
  /** Lies that were paid until then, the seen one among them. */
  readonly paidLies: number
  readonly paidWei: bigint
  /** CPU time of looking until then, and its part of one core in a live stream. */
  readonly cpuMs: number
  readonly cores: number
}

/** What to expect of looking at random: each segment is seen to be a lie with lies × looked × seen, whatever came before. */
export function expectedDetection(odds: DetectionOdds): Detection {
  const { lies, looked, seen, segmentMs, lookMs, feeWei } = odds
  const segments = 1 / (lies * looked * seen)
  const paidLies = segments * lies
  return {
    segments,
    seconds: (segments * segmentMs) / 1_000,
    paidLies,
    paidWei: BigInt(Math.round(paidLies)) * feeWei,
    cpuMs: segments * looked * lookMs,
    cores: (looked * lookMs) / segmentMs,
  }
}

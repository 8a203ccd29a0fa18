import type { VideoProfile } from '@millrace/wire'

/** The source that capacity is measured with: 1280×720 at 30. */
const SOURCE_BPS = 2_500_000
/** What is left is for bad moments, as with the CPU. */
const USABLE = 0.8

/** How many sessions a link carries: each fetches its source and sends all renditions. 0 where it is too slow for one. */
export function linkSessions(
  { upBps, downBps }: { readonly upBps: number; readonly downBps: number },
  ladder: readonly VideoProfile[],
): number {
  const sends = ladder.reduce((sum, { bitrateBps }) => sum + bitrateBps, 0)
  return Math.floor(USABLE * Math.min(upBps / Math.max(1, sends), downBps / SOURCE_BPS))
}

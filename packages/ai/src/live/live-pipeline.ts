import { pipelineOf } from '../pipelines/registry.ts'

/** The pipeline of live video, which is no batch of requests: it has no schema of its own, and time is what it costs. */
export const LIVE_PIPELINE = 'live-video-to-video'
/** The bit of the network's capabilities. */
export const LIVE_CAPABILITY = 35
/** What a second costs in units of its price, whatever the picture really is: the pixels of 720p at 30 pictures a second. */
export const LIVE_UNITS_PER_SECOND = 1280n * 720n * 30n
/** What a gateway pays ahead, in seconds (ai spec, section 8.1). */
export const LIVE_FIRST_SECONDS = 60

/** The units of so many milliseconds, rounded down. */
export const liveUnits = (ms: number): bigint => (LIVE_UNITS_PER_SECOND * BigInt(Math.floor(ms * 1_000))) / 1_000_000n

/** The capability of any pipeline, batch or live; undefined for one that there is not. */
export const capabilityOf = (pipeline: string): number | undefined =>
  pipeline === LIVE_PIPELINE ? LIVE_CAPABILITY : pipelineOf(pipeline)?.capability

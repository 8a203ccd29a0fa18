import { type Clock, errorText, type Log, MillraceError } from '@millrace/base'
import type { DisputeEvidence, Judge, Verdict } from '@millrace/chain'
import { countFault, countPixels, faultOf, type PictureCount, type PictureJudge, soundFault } from '@millrace/media'
import type { VideoProfile } from '@millrace/wire'
import { decodeEvidence, type Evidence, evidenceKey } from './evidence.ts'

export type EvidenceJudgeDeps = {
  readonly pictures: Pick<PictureJudge, 'compare'>
  /** Evidence that was sent here. */
  readonly kept: (key: string) => Uint8Array | undefined
  /** Asks others for it; undefined when nobody has it. */
  readonly fetch: (key: string, options: { readonly signal: AbortSignal }) => Promise<Uint8Array | undefined>
  readonly clock: Clock
  readonly log: Log
}

export type EvidenceJudgeOptions = {
  /** So long evidence is waited for, before the vote is that it could not be had. Default 60 s. */
  readonly waitMs?: number
}

const PLACES = 8
const ASK_EVERY_MS = 1_000

/**
 * Judges by looking: every rendition against the source, by the rules of a gateway that needs no agreement about quality.
 * What cannot be decoded, or has pictures, sound or times that are others, is a lie. Throws when there is no evidence.
 */
export function evidenceJudge({ waitMs = 60_000 }: EvidenceJudgeOptions, deps: EvidenceJudgeDeps): Judge {
  return async (dispute, { signal }) => {
    const evidence = await obtain(dispute, { waitMs, signal }, deps)
    const fault = await faultIn(evidence, deps.pictures)
    const verdict: Verdict = fault === undefined ? 'honest' : 'lie'
    deps.log.info('a dispute was judged', { dispute: dispute.disputeId, verdict, ...(fault && { fault }) })
    return verdict
  }
}

async function obtain(
  dispute: DisputeEvidence,
  { waitMs, signal }: { readonly waitMs: number; readonly signal: AbortSignal },
  { kept, fetch, clock, log }: EvidenceJudgeDeps,
): Promise<Evidence> {
  const key = evidenceKey(dispute)
  const until = clock.elapsed() + waitMs
  for (;;) {
    try {
      const bytes = kept(key) ?? (await fetch(key, { signal }))
      if (bytes) return decodeEvidence(bytes, key)
    } catch (error) {
      log.debug('evidence was refused', { dispute: dispute.disputeId, error: errorText(error) })
    }
    if (clock.elapsed() >= until)
      throw new MillraceError('no_evidence', `nobody has handed out the evidence of dispute ${dispute.disputeId}`)
    await clock.sleep(Math.min(ASK_EVERY_MS, waitMs), { signal })
  }
}

/** What is wrong with the renditions; undefined when nothing is. Throws where this machine could not look. */
async function faultIn(
  { source, profiles, renditions }: Evidence,
  pictures: EvidenceJudgeDeps['pictures'],
): Promise<string | undefined> {
  const container = containerOf(source)
  const sourceCount = countPixels(source, container)
  for (const [i, profile] of profiles.entries()) {
    const rendition = renditions[i]!
    const fault =
      bitstreamFault(rendition, sourceCount, profile) ??
      (await pictureFault(
        { data: source, container },
        { data: rendition, container: containerOf(rendition) },
        pictures,
      ))
    if (fault !== undefined) return `${profile.name}: ${fault}`
  }
  return undefined
}

function bitstreamFault(rendition: Uint8Array, source: PictureCount, profile: VideoProfile): string | undefined {
  const container = containerOf(rendition)
  let count: PictureCount
  try {
    count = countPixels(rendition, container)
  } catch (error) {
    return `it cannot be read: ${errorText(error)}`
  }
  // What came in parts is CMAF with pictures only, also where transport streams were asked for.
  const inParts = container === 'mp4' && profile.format !== 'mp4'
  return countFault(count, source, profile) ?? (inParts ? undefined : soundFault(count, source))
}

type Media = { readonly data: Uint8Array; readonly container: 'mpegts' | 'mp4' }

async function pictureFault(source: Media, rendition: Media, judge: EvidenceJudgeDeps['pictures']) {
  // All pictures are compared; the places only say where the quality is measured.
  const places = Array.from({ length: PLACES }, (_, i) => (i + 0.5) / PLACES)
  const judged = await judge.compare({ source, rendition, places })
  if (judged.outcome === 'unchecked')
    throw new MillraceError('not_judged', `the pictures could not be compared: ${judged.reason}`)
  return judged.outcome === 'undecodable' ? `it cannot be decoded: ${judged.reason}` : faultOf(judged.comparison)
}

const containerOf = (data: Uint8Array): 'mpegts' | 'mp4' =>
  ['ftyp', 'styp'].includes(Buffer.from(data.subarray(4, 8)).toString('latin1')) ? 'mp4' : 'mpegts'

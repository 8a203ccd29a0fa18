import { keccak256, ManualClock, type Rational, silentLog, systemClock, toHex } from '@millrace/base'
import { countPixels } from '@millrace/media'
import { makeTestClip } from '@millrace/media/testing'
import { GatewayBalances } from '@millrace/payments'
import {
  DEFAULT_LADDER,
  manifestId,
  type NodeEventBody,
  priceToRational,
  type SignedSegmentCommitment,
  type Signer,
  signOrchestratorRequest,
  type TranscodeData,
  type TranscodeResult,
  type VideoProfile,
} from '@millrace/wire'
import { signatureVerifier } from '@millrace/wire/node'
import { SecureClient } from '../links/http/secure-fetch.ts'
import { isRefusal } from '../links/orchestrator-service.ts'
import type { TestOrchestrator } from '../orchestrator/orchestrator-fixture.ts'
import type { SourceSegment } from './buyer.ts'
import type { DirectoryEntry } from './directory.ts'
import { ChoiceLog } from './explain.ts'
import { HedgeLedger } from './hedge-ledger.ts'
import { OrchestratorBook } from './orchestrator-book.ts'
import { PictureChecks, type PictureChecksDeps } from './picture-checks.ts'
import type { GatewaySession } from './session-pool.ts'

/** The profiles whose renditions the test orchestrators deliver. */
export const LADDER: readonly VideoProfile[] = DEFAULT_LADDER.slice(0, 2).map((profile) => ({
  ...profile,
  width: 160,
  height: 90,
}))

/** Size and number of the pictures are checked; what they show is not. */
const uncompared = (deps: Pick<PictureChecksDeps, 'book' | 'tell' | 'log'>): PictureChecks =>
  new PictureChecks(
    { oneIn: 0 },
    {
      ...deps,
      random: Math.random,
      judge: { prepare: () => {}, compare: () => Promise.reject(new Error('not here')) },
    },
  )

export type TestMedia = {
  /** Two real segments of video; each stands for its own renditions. */
  readonly clips: readonly { readonly data: Uint8Array; readonly pixels: bigint }[]
  segment(seq: number): SourceSegment
}

/** Real video, as small as it can be, of the size of the ladder. */
export async function openMedia(): Promise<TestMedia> {
  const clip = await makeTestClip({ seconds: 2, segmentMs: 1_000, width: 160, height: 90, fps: 10, audio: false })
  const clips = clip.segments.map(({ data }) => ({ data, pixels: countPixels(data, 'mpegts').pixels }))
  return {
    clips,
    segment: (seq) => {
      const { data } = clips[seq % clips.length]!
      return {
        manifestId: manifestId('clip'),
        seq,
        data,
        hash: keccak256(data),
        durationMs: 1_000,
        container: 'mpegts',
      }
    },
  }
}

/** Has an orchestrator deliver the media as its renditions. */
export function delivers(o: TestOrchestrator, media: TestMedia): void {
  o.worker.transcode = async (job) => {
    o.jobs.push(job)
    const { data, pixels } = media.clips[job.seq % media.clips.length]!
    return { decodedPixels: pixels, renditions: job.profiles.map(() => ({ data, pixels })) }
  }
}

/** From now on the orchestrator answers something else; everything before, payment and work, is real. */
export function changesAnswers(
  { orchestrator }: TestOrchestrator,
  change: (result: TranscodeResult, data: TranscodeData) => TranscodeResult,
): void {
  const accept = orchestrator.acceptSegment.bind(orchestrator)
  orchestrator.acceptSegment = async (headers) => {
    const accepted = await accept(headers)
    if (isRefusal(accepted)) return accepted
    return {
      ...accepted,
      process: async (body, options) => {
        const result = await accepted.process(body, options)
        if ('error' in result.result) throw new Error(result.result.error)
        return change(result, result.result.data)
      },
    }
  }
}

/** The buyer's side of tests: a clock that stands still, and everything that a gateway shares among its streams. */
export function openBuying(signer: Signer, entries: () => readonly DirectoryEntry[]) {
  const clock = new ManualClock(Date.now())
  const http = new SecureClient()
  const events: NodeEventBody[] = []
  const commitments: SignedSegmentCommitment[] = []
  const book = new OrchestratorBook(
    { allowPrivate: true },
    { directory: { find: async () => entries() }, clock, request: () => signOrchestratorRequest(signer) },
  )
  const tell = (event: NodeEventBody) => void events.push(event)
  return {
    clock,
    http,
    events,
    commitments,
    book,
    pictures: uncompared({ book, tell, log: silentLog }),
    hedges: new HedgeLedger(),
    choices: new ChoiceLog(),
    balances: new GatewayBalances(),
    verifier: signatureVerifier,
    tell,
    keepCommitment: (signed: SignedSegmentCommitment) => void commitments.push(signed),
    log: silentLog,
    close: () => {
      book.close()
      http.close()
    },
  }
}

export const entryOf = (o: TestOrchestrator): DirectoryEntry => ({
  serviceUri: o.serviceUri(),
  address: o.signer.address,
  stakeLpt: 1n,
})

/** A session as the pool would open it. */
export async function openSession(o: TestOrchestrator, signer: Signer): Promise<GatewaySession> {
  const info = await o.orchestrator.getOrchestrator(signOrchestratorRequest(signer))
  return {
    entry: entryOf(o),
    serviceUri: o.serviceUri(),
    sessionId: info.authToken!.sessionId,
    initialPrice: info.priceInfo && priceToRational(info.priceInfo),
    info,
    openedMs: systemClock.elapsed(),
    tokenUntilMs: Number.POSITIVE_INFINITY,
    inFlight: 0,
    late: 0,
    used: 0,
  }
}

export const hexHash = (segment: SourceSegment) => ({ ...segment, hash: toHex(segment.hash) })

export const times = (price: Rational, factor: bigint): Rational => ({ num: price.num * factor, den: price.den })

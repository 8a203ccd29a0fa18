import { type Clock, errorText, hasCode, type Log, MillraceError, systemClock } from '@millrace/base'
import { PEER_ERROR, type SessionId, type VideoCodec } from '@millrace/wire'
import type {
  LiveRenditionPart,
  LiveTranscodeJob,
  TranscodedSegment,
  TranscodeJob,
  WorkerLink,
} from '../links/ports.ts'
import type { WorkerLedger } from './worker-ledger.ts'

/** Segments of one session that may wait at an orchestrator, as upstream's channel of four. */
const MAX_QUEUED_PER_SESSION = 4

export type DispatcherDeps = {
  readonly log: Log
  /** Is told of the work of each worker. */
  readonly ledger?: Pick<WorkerLedger, 'done' | 'failed'>
  readonly clock?: Clock
}

/** A worker that is there now. */
export type PresentWorker = Pick<WorkerLink, 'workerId' | 'capacity' | 'address'> & {
  /** Sessions that it has. */
  readonly sessions: number
  /** The name of its account in the ledger. */
  readonly account: string
  readonly joinedAtMs: number
}

type Member = { readonly link: WorkerLink; readonly sessions: Set<SessionId>; readonly joinedAtMs: number }

/**
 * Divides sessions among workers: a session stays with its worker, a new one goes to the worker with the most room.
 * When a worker goes away, its segment goes to another one.
 */
export class Dispatcher {
  readonly #log: Log
  readonly #ledger: DispatcherDeps['ledger']
  readonly #clock: Clock
  readonly #members = new Map<string, Member>()
  readonly #queued = new Map<SessionId, number>()

  constructor(deps: DispatcherDeps) {
    this.#log = deps.log
    this.#ledger = deps.ledger
    this.#clock = deps.clock ?? systemClock
  }

  /** Adds a worker; returns the function by which it leaves. */
  join(link: WorkerLink): () => void {
    const member: Member = { link, sessions: new Set(), joinedAtMs: this.#clock.now() }
    this.#members.set(link.workerId, member)
    return () => {
      if (this.#members.get(link.workerId) === member) this.#members.delete(link.workerId)
    }
  }

  get workers(): readonly WorkerLink[] {
    return [...this.#members.values()].map(({ link }) => link)
  }

  /** The workers as an operator sees them. */
  get present(): readonly PresentWorker[] {
    return [...this.#members.values()].map(({ link, sessions, joinedAtMs }) => {
      const { workerId, capacity, address } = link
      return { workerId, capacity, address, sessions: sessions.size, account: accountOf(link), joinedAtMs }
    })
  }

  /** Sessions that all workers together can take. */
  get capacity(): number {
    return this.workers.reduce((sum, link) => sum + link.capacity, 0)
  }

  /** Whether a worker that is there takes segments that are still arriving. */
  get takesLive(): boolean {
    return this.workers.some((link) => link.transcodeLive)
  }

  /** The codecs that the workers that are there encode. */
  get codecs(): ReadonlySet<VideoCodec> {
    return new Set(this.workers.flatMap(codecsOf))
  }

  /** Has a live segment transcoded by one worker: what it has taken cannot be given to another. Throws as `transcode` does. */
  async transcodeLive(
    job: LiveTranscodeJob,
    call: { readonly signal: AbortSignal; readonly part: (part: LiveRenditionPart) => void },
  ): Promise<TranscodedSegment> {
    const leave = this.#enter(job.sessionId)
    try {
      const member = this.#pick(job, new Set(this.workers.filter((link) => !link.transcodeLive)))
      const transcodeLive = member?.link.transcodeLive
      if (!member || !transcodeLive)
        throw new MillraceError('no_workers', PEER_ERROR.noTranscoders, { retryable: true })
      return await this.#work(member, job.sessionId, call.signal, () => transcodeLive(job, call))
    } finally {
      leave()
    }
  }

  /** Has the segment transcoded; throws OrchestratorBusy, "no transcoders available", or what the worker said. */
  async transcode(job: TranscodeJob, call: { readonly signal: AbortSignal }): Promise<TranscodedSegment> {
    const leave = this.#enter(job.sessionId)
    try {
      return await this.#transcode(job, call)
    } finally {
      leave()
    }
  }

  async endSession(sessionId: SessionId): Promise<void> {
    for (const { link, sessions } of this.#members.values()) {
      if (!sessions.delete(sessionId)) continue
      try {
        await link.endSession(sessionId)
      } catch (error) {
        this.#log.debug('ending a session failed', { worker: link.workerId, error: errorText(error) })
      }
    }
  }

  async #transcode(job: TranscodeJob, call: { readonly signal: AbortSignal }): Promise<TranscodedSegment> {
    const tried = new Set<WorkerLink>()
    for (;;) {
      const member = this.#pick(job, tried)
      if (!member) throw new MillraceError('no_workers', PEER_ERROR.noTranscoders, { retryable: true })
      tried.add(member.link)
      try {
        return await this.#work(member, job.sessionId, call.signal, () => member.link.transcode(job, call))
      } catch (error) {
        if (call.signal.aborted || !isGone(error)) throw error
        this.#log.warn('a worker went away, trying another', { worker: member.link.workerId, seq: job.seq })
      }
    }
  }

  /** Counts the segments of a session that are here; returns how this one leaves. */
  #enter(sessionId: SessionId): () => void {
    const queued = this.#queued.get(sessionId) ?? 0
    if (queued >= MAX_QUEUED_PER_SESSION)
      throw new MillraceError('orchestrator_busy', PEER_ERROR.orchestratorBusy, { retryable: true })
    this.#queued.set(sessionId, queued + 1)
    return () => {
      const left = (this.#queued.get(sessionId) ?? 1) - 1
      if (left > 0) this.#queued.set(sessionId, left)
      else this.#queued.delete(sessionId)
    }
  }

  /** One worker's work, written into its account. */
  async #work(
    member: Member,
    sessionId: SessionId,
    signal: AbortSignal,
    work: () => Promise<TranscodedSegment>,
  ): Promise<TranscodedSegment> {
    member.sessions.add(sessionId)
    const account = accountOf(member.link)
    const began = this.#clock.elapsed()
    try {
      const done = await work()
      const pixels = done.renditions.reduce((sum, rendition) => sum + rendition.pixels, 0n)
      this.#ledger?.done(account, { pixels, elapsedMs: this.#clock.elapsed() - began })
      return done
    } catch (error) {
      if (!signal.aborted && !hasCode(error, 'worker_full')) this.#ledger?.failed(account)
      if (isGone(error)) member.sessions.delete(sessionId)
      throw error
    }
  }

  #pick(
    { sessionId, profiles }: Pick<TranscodeJob, 'sessionId' | 'profiles'>,
    tried: ReadonlySet<WorkerLink>,
  ): Member | undefined {
    const isAble = (link: WorkerLink) => profiles.every(({ codec }) => codecsOf(link).includes(codec))
    const members = [...this.#members.values()].filter(({ link }) => !tried.has(link) && isAble(link))
    const own = members.find(({ sessions }) => sessions.has(sessionId))
    if (own) return own
    const free = members.filter(({ link, sessions }) => sessions.size < link.capacity)
    return free.sort((a, b) => a.sessions.size / a.link.capacity - b.sessions.size / b.link.capacity)[0]
  }
}

const isGone = (error: unknown): boolean => hasCode(error, 'worker_gone') || hasCode(error, 'worker_full')

const codecsOf = ({ codecs = ['h264'] }: WorkerLink): readonly VideoCodec[] => codecs

/** Addresses are those of machines: the same one comes back from another port. */
const accountOf = ({ address, workerId }: WorkerLink): string => address ?? workerId

import { type Clock, errorText, type Log, silentLog, systemClock } from '@millrace/base'
import type { Address } from '@millrace/wire'
import { type Abi, type ContractEventName, type ParseEventLogsReturnType, parseEventLogs } from 'viem'
import { type ChainClient, getHead, type Head } from '../client.ts'
import { ChainError, chainError } from '../errors.ts'

/** A decoded event of one of the contracts that are watched. */
export type WatchedEvent<A extends Abi> = ParseEventLogsReturnType<A, ContractEventName<A>, true>[number]

/** What happened to an event. */
export type EventNotice<A extends Abi> =
  /** It is on the chain, in a block that may still go away. */
  | { readonly kind: 'added'; readonly event: WatchedEvent<A> }
  /** Its block went away; what followed from it must be taken back. Later events are told first. */
  | { readonly kind: 'rolled-back'; readonly event: WatchedEvent<A> }
  /** It will stay. A stream that begins at this block goes on from here; it may tell other events of the block again. */
  | { readonly kind: 'confirmed'; readonly event: WatchedEvent<A>; readonly block: bigint }

export type WatchOptions<A extends Abi> = {
  readonly abi: A
  readonly address: readonly Address[]
  /** First block, by the chain's own number; the next one if left out. */
  readonly fromBlock?: bigint
  /** Blocks on top of an event's block after which it counts as confirmed; at least 1. */
  readonly confirmations?: number
  readonly pollMs?: number
  /** Blocks whose events are asked for at once; RPCs have their limits. */
  readonly maxLogSpan?: number
}

/** Blocks that were seen: of each only number and hash, so that it can be told whether they are still there. */
type Checkpoint = { readonly number: bigint; readonly hash: string }

/**
 * Tells the events of contracts as they come, go away in a reorganisation, and are confirmed; ends when the signal says so.
 * Memory holds the events of unconfirmed blocks only, and nothing is read ahead of the one who reads. An RPC that fails is asked again.
 * Throws `reorg_too_deep` when confirmed blocks went away: what was told is wrong then, and only the reader knows from where to begin anew.
 */
export async function* watchEvents<const A extends Abi>(
  options: WatchOptions<A>,
  deps: { readonly client: ChainClient; readonly clock?: Clock; readonly log?: Log },
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<EventNotice<A>, void> {
  const { client, clock = systemClock, log = silentLog } = deps
  const { pollMs = 1_000 } = options
  const stream = new EventStream(options, client)
  let failures = 0
  while (!signal.aborted) {
    let notices: readonly EventNotice<A>[] = []
    try {
      notices = await stream.poll()
      failures = 0
    } catch (error) {
      if (error instanceof ChainError && error.code === 'reorg_too_deep') throw error
      if (failures++ === 0) log.warn('events cannot be read, trying again', { error: errorText(error) })
    }
    for (const notice of notices) {
      if (signal.aborted) return
      yield notice
    }
    // Far behind, the next part is read at once.
    if (failures === 0 && stream.behind) continue
    await clock.sleep(Math.min(30_000, pollMs * 2 ** Math.min(5, failures)), { signal }).catch(() => undefined)
  }
}

class EventStream<A extends Abi> {
  readonly #options: WatchOptions<A>
  readonly #client: ChainClient
  readonly #confirmations: bigint
  /** Newest last; the first one is the last confirmed block. */
  #checkpoints: Checkpoint[] = []
  #unconfirmed: WatchedEvent<A>[] = []
  #behind = false

  constructor(options: WatchOptions<A>, client: ChainClient) {
    this.#options = options
    this.#client = client
    this.#confirmations = BigInt(Math.max(1, options.confirmations ?? 12))
  }

  get behind(): boolean {
    return this.#behind
  }

  /** Reads what is new. Nothing changes if that fails. */
  async poll(): Promise<readonly EventNotice<A>[]> {
    const head = await getHead(this.#client)
    const known = await this.#stillThere(head)
    const base = known.at(-1)?.number
    const from = largest(base === undefined ? head.chainNumber + 1n : base + 1n, this.#options.fromBlock, base)
    const end = from + BigInt(this.#options.maxLogSpan ?? 1_000) - 1n
    const to = end < head.chainNumber ? end : head.chainNumber
    const fresh = from <= to ? await this.#events(from, to) : []
    const final = head.chainNumber > this.#confirmations ? head.chainNumber - this.#confirmations : 0n
    const checkpoints = await this.#checkpointsAt(known, { head, to, final: final < to ? final : to })

    // What a reorganisation kept was read again with the same blocks; the rest is gone.
    const kept = new Set(fresh.map(identity))
    const isKept = (event: WatchedEvent<A>) =>
      (base !== undefined && event.blockNumber <= base) || kept.has(identity(event))
    const gone = this.#unconfirmed.filter((event) => !isKept(event)).reverse()
    const stay = this.#unconfirmed.filter(isKept)
    const had = new Set(stay.map(identity))
    const added = fresh.filter((event) => !had.has(identity(event)))
    const all = [...stay, ...added].sort(byPlace)
    const confirmed = all.filter((event) => event.blockNumber <= final)

    this.#unconfirmed = all.filter((event) => event.blockNumber > final)
    this.#behind = to < head.chainNumber
    this.#checkpoints = checkpoints
    return [
      ...gone.map((event) => ({ kind: 'rolled-back' as const, event })),
      ...added.map((event) => ({ kind: 'added' as const, event })),
      ...confirmed.map((event) => ({ kind: 'confirmed' as const, event, block: event.blockNumber })),
    ]
  }

  /** The last confirmed block and those seen since: all events up to it are confirmed, those after it are remembered. */
  async #checkpointsAt(
    known: readonly Checkpoint[],
    { head, to, final }: { readonly head: Head; readonly to: bigint; readonly final: bigint },
  ): Promise<Checkpoint[]> {
    const at = async (number: bigint): Promise<Checkpoint> => {
      if (number === head.chainNumber) return { number, hash: head.hash }
      return known.find((one) => one.number === number) ?? this.#header(number)
    }
    const between = known.filter(({ number }) => number > final && number < to)
    return [await at(final), ...between, ...(to > final ? [await at(to)] : [])]
  }

  /** Blocks seen that the chain still has. */
  async #stillThere(head: Head): Promise<Checkpoint[]> {
    const known = [...this.#checkpoints]
    const newest = known.at(-1)
    if (!newest || newest.hash === head.hash || newest.hash === head.parentHash) return known
    while (known.length > 0) {
      const { number, hash } = known.at(-1)!
      if (number <= head.chainNumber && (await this.#header(number)).hash === hash) return known
      known.pop()
    }
    throw new ChainError(
      'reorg_too_deep',
      'the chain has lost blocks that counted as confirmed: read everything anew',
      {
        meta: { confirmations: this.#confirmations, lost: newest.number },
      },
    )
  }

  async #header(number: bigint): Promise<Checkpoint> {
    try {
      const { hash } = await this.#client.rpc.getBlock({ blockNumber: number })
      return { number, hash }
    } catch (cause) {
      throw chainError(cause, 'reading a block')
    }
  }

  async #events(fromBlock: bigint, toBlock: bigint): Promise<WatchedEvent<A>[]> {
    const { abi, address } = this.#options
    try {
      const logs = await this.#client.rpc.getLogs({ address: [...address], fromBlock, toBlock })
      return parseEventLogs({ abi, logs }) as unknown as WatchedEvent<A>[]
    } catch (cause) {
      throw chainError(cause, 'reading events')
    }
  }
}

/** Where to read on: after the last block seen, but not before the first that is wanted when nothing was seen yet. */
function largest(next: bigint, fromBlock: bigint | undefined, base: bigint | undefined): bigint {
  if (fromBlock === undefined) return next
  return base === undefined || fromBlock > next ? fromBlock : next
}

/** The same event in another block is another event. */
const identity = (event: { blockHash: string; logIndex: number }) => `${event.blockHash}/${event.logIndex}`

const byPlace = (a: { blockNumber: bigint; logIndex: number }, b: { blockNumber: bigint; logIndex: number }): number =>
  Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex

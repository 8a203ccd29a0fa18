import type { Address, ManifestId, NodeId, SessionId } from './identifiers.ts'

/** The version of the event union; it grows by new types and optional fields only. */
export const NODE_EVENT_VERSION = 1

export type NodeRole = 'gateway' | 'orchestrator' | 'worker' | 'redeemer' | 'signer' | 'chain'

/** What every event carries. Amounts are decimal strings of wei or of the smallest LPT unit. */
type EventHead = {
  readonly v: typeof NODE_EVENT_VERSION
  readonly nodeId: NodeId
  /** Milliseconds since the Unix epoch at the node that tells. */
  readonly atMs: number
  /** W3C trace context of the segment, where there is one. */
  readonly traceparent?: string
}

type SegmentHead = { readonly manifestId: ManifestId; readonly seq: number }

type EdgeHead = {
  readonly manifestId: ManifestId
  readonly orchestrator: Address
  readonly orchestratorUri: string
  readonly sessionId: SessionId
}
type ServedHead = { readonly manifestId: ManifestId; readonly sender: Address; readonly sessionId: SessionId }

/** Why a rendition was made without an orchestrator, or not at all. */
export type FallbackReason = 'no_orchestrator' | 'deadline' | 'all_failed' | 'not_transcodable'

/** Where the rates of a ladder were set to a source: what the ladder says and what is asked for, in bits a second, and what it was decided by. */
export type RatesByTitle = {
  readonly rates: readonly { readonly name: string; readonly ladderBps: number; readonly bps: number }[]
  readonly samples: number
  readonly bitsPerPixel: number
}

type Body =
  /** A node is up; a page draws it from this. */
  | {
      readonly type: 'node_started'
      readonly roles: readonly NodeRole[]
      readonly name: string
      readonly address?: Address
      readonly serviceUri?: string
      /** The orchestrator that a worker or a redeemer serves. */
      readonly serves?: NodeId
      readonly engine?: string
      readonly pricePerPixel?: string
    }
  | { readonly type: 'node_stopped' }
  | {
      readonly type: 'stream_started'
      readonly manifestId: ManifestId
      readonly ingest: 'rtmp' | 'http' | 'whip' | 'srt' | 'rtsp' | 'pull' | 'file' | 'generated'
      readonly renditions: readonly string[]
      readonly perTitle?: RatesByTitle
      /** Where the publisher is, told only where the operator asked for it. */
      readonly clientIp?: string
      /** Results of others are compared with those of a trusted orchestrator, where both are there. */
      readonly fastVerification?: true
    }
  | { readonly type: 'stream_ended'; readonly manifestId: ManifestId; readonly reason: string }
  /** A multistream target of a stream connects, takes it, waits for another try, or is done; `target` is its host. */
  | {
      readonly type: 'push_target'
      readonly manifestId: ManifestId
      readonly target: string
      readonly rendition: string
      readonly state: 'connecting' | 'live' | 'waiting' | 'ended'
      readonly reason?: string
    }
  /** The gateway has a whole source segment. */
  | ({ readonly type: 'segment_received'; readonly durationMs: number; readonly bytes: number } & SegmentHead)
  /** The gateway sent a segment and its payment to an orchestrator. */
  | ({
      readonly type: 'segment_submitted'
      readonly orchestrator: NodeId | Address
      readonly orchestratorUri?: string
      readonly sessionId: SessionId
      readonly attempt: number
      readonly tickets: number
      readonly expectedValueWei: string
      /** What the tickets are like, when there are any. */
      readonly payment?: {
        readonly sender: Address
        readonly recipient: Address
        readonly faceValueWei: string
        /** Of 2^256 − 1. */
        readonly winProb: string
        /** Wei, as num/den. */
        readonly pricePerPixel: string
      }
    } & SegmentHead)
  /** The gateway could not make the payment of a segment. */
  | ({ readonly type: 'payment_failed'; readonly orchestrator: Address; readonly code: string } & SegmentHead)
  /** Who pushed a segment was gone before its answer was (`waiting`), or while it was sent (`answering`). */
  | ({ readonly type: 'publisher_gone'; readonly when: 'waiting' | 'answering' } & SegmentHead)
  /** A segment was bought by fast verification (wire spec 6.7). */
  | ({ readonly type: 'fast_verified' } & SegmentHead)
  /** A file of a recording lies in the store, a segment or a list of them, or was given up. */
  | {
      readonly type: 'recording_saved'
      readonly manifestId: ManifestId
      readonly file: 'segment' | 'list'
      readonly elapsedMs: number
    }
  | { readonly type: 'recording_failed'; readonly manifestId: ManifestId; readonly file: 'segment' | 'list' }
  /** A message for a broker made room for newer ones. */
  | { readonly type: 'message_dropped'; readonly broker: string; readonly message: string }
  /** An orchestrator answered a segment and its renditions came: how long it took until the answer began, and from then on. */
  | ({
      readonly type: 'segment_transferred'
      readonly orchestratorUri: string
      readonly uploadMs: number
      readonly downloadMs: number
    } & SegmentHead)
  /** An orchestrator gave a stream no terms. */
  | {
      readonly type: 'discovery_failed'
      readonly orchestratorUri: string
      readonly code: string
    }
  /** An orchestrator did an AI job and debited its fee; units are those of the pipeline's price. */
  | {
      readonly type: 'ai_job_sold'
      readonly pipeline: string
      readonly modelId: string
      readonly sender: Address
      readonly units: string
      readonly feeWei: string
      readonly tookMs: number
    }
  /** An orchestrator began to have a live stream worked on. */
  | {
      readonly type: 'live_ai_begun'
      readonly manifestId: ManifestId
      readonly modelId: string
      readonly sender: Address
    }
  /** An orchestrator took its pay for a piece of a live stream. */
  | {
      readonly type: 'live_ai_sold'
      readonly manifestId: ManifestId
      readonly modelId: string
      readonly sender: Address
      readonly units: string
      readonly feeWei: string
      readonly balanceWei: string
    }
  /** A live stream at an orchestrator has ended: its gateway or its input ended it, its runner did, it was not paid for, or nothing came out. */
  | {
      readonly type: 'live_ai_ended'
      readonly manifestId: ManifestId
      readonly modelId: string
      readonly sender: Address
      readonly end: 'input_ended' | 'runner_ended' | 'unpaid' | 'no_output' | 'stopping'
      readonly reason: string
      readonly lastedMs: number
    }
  /** A gateway takes a live stream for an AI pipeline, and later has ended it. */
  | { readonly type: 'live_ai_opened'; readonly manifestId: ManifestId; readonly modelId: string }
  | {
      readonly type: 'live_ai_closed'
      readonly manifestId: ManifestId
      readonly modelId: string
      readonly reason: string
      readonly swaps: number
    }
  /** A gateway paid for a piece of a live stream; `orchestrator` works on it. */
  | {
      readonly type: 'live_ai_paid'
      readonly manifestId: ManifestId
      readonly modelId: string
      readonly orchestrator: Address
      readonly orchestratorUri: string
      /** What the piece lasted. */
      readonly seconds: number
      readonly units: string
      readonly feeWei: string
      readonly tickets: number
      /** True for what is paid in advance, before anything was sent. */
      readonly isFirst: boolean
    }
  /** A live stream of a gateway goes to another orchestrator. */
  | {
      readonly type: 'live_ai_swapped'
      readonly manifestId: ManifestId
      readonly modelId: string
      readonly orchestrator: Address
      readonly orchestratorUri: string
      readonly reason: string
    }
  /** The first pictures of a live stream came back to a gateway. */
  | {
      readonly type: 'live_ai_shown'
      readonly manifestId: ManifestId
      readonly modelId: string
      readonly orchestrator: Address
      readonly orchestratorUri: string
      /** Since the orchestrator took the stream. */
      readonly delayMs: number
    }
  /** A gateway has the result of an AI job that it paid for. */
  | {
      readonly type: 'ai_job_bought'
      readonly pipeline: string
      readonly modelId: string
      readonly orchestrator: Address
      readonly orchestratorUri: string
      readonly units: string
      readonly feeWei: string
      readonly tickets: number
      readonly attempts: number
      readonly tookMs: number
    }
  /** A gateway could not have an AI job done. */
  | { readonly type: 'ai_job_failed'; readonly pipeline: string; readonly modelId: string; readonly code: string }
  /** The webhook of a gateway said whether a stream may begin. */
  | { readonly type: 'auth_webhook_answered'; readonly elapsedMs: number }
  /** The orchestrators that told a stream their terms when it looked for some. */
  | {
      readonly type: 'orchestrators_found'
      readonly manifestId: ManifestId
      readonly orchestrators: readonly {
        readonly address: Address
        readonly serviceUri: string
        readonly latencyMs: number
      }[]
    }
  /** All renditions are in the playlists; `delayMs` counts from the segment's last byte. */
  | ({
      readonly type: 'segment_transcoded'
      readonly orchestrator: Address
      readonly orchestratorUri?: string
      readonly orchestratorVersion?: string
      readonly sessionId: SessionId
      readonly delayMs: number
      readonly pixels: string
      readonly feeWei: string
      readonly paid: boolean
      readonly renditions: readonly { readonly name: string; readonly bytes: number }[]
      /** It was sent while it arrived, and its renditions came in parts. */
      readonly live?: true
    } & SegmentHead)
  | ({
      readonly type: 'segment_attempt_failed'
      readonly orchestrator: Address
      readonly orchestratorUri?: string
      readonly sessionId?: SessionId
      readonly code: string
      readonly message: string
    } & SegmentHead)
  /** A second orchestrator was asked and one of the two delivered first; the other keeps what it was sent as credit. */
  | ({
      readonly type: 'segment_hedged'
      readonly winner: Address
      readonly loser: Address
      readonly creditWei: string
    } & SegmentHead)
  /** What the loser of a hedge was paid and nobody can use any more: money spent twice. */
  | {
      readonly type: 'duplicate_spent'
      readonly manifestId: ManifestId
      readonly orchestrator: Address
      readonly sessionId: SessionId
      readonly amountWei: string
    }
  /** No orchestrator delivered: a stand-in fills the playlist (`fallback`), or nothing does (`missing`). */
  | ({
      readonly type: 'segment_lost'
      readonly outcome: 'fallback' | 'missing'
      readonly reason: FallbackReason
    } & SegmentHead)
  /** The gateway compared a rendition with its source; `ssim` and `likeness` are at most 1 and missing when it cannot be decoded. */
  | ({
      readonly type: 'result_compared'
      readonly orchestrator: Address
      readonly orchestratorUri: string
      readonly rendition: string
      readonly ssim?: number
      readonly likeness?: number
      /** What is wrong with it; missing when nothing is. */
      readonly fault?: string
    } & SegmentHead)
  | { readonly type: 'orchestrator_suspended'; readonly orchestrator: Address; readonly reason: string }
  /** What an orchestrator told a gateway of the tickets it takes, and how much it trusts it with. */
  | {
      readonly type: 'ticket_params_told'
      readonly sender: Address
      readonly faceValueWei: string
      readonly maxFloatWei: string
    }
  /** The orchestrator's side of one paid segment. */
  | ({
      readonly type: 'payment_received'
      readonly sender: Address
      readonly sessionId: SessionId
      readonly tickets: number
      readonly creditWei: string
      readonly balanceWei: string
    } & SegmentHead)
  | ({
      readonly type: 'segment_debited'
      readonly sender: Address
      readonly sessionId: SessionId
      readonly feeWei: string
      readonly balanceWei: string
      readonly pixels: string
    } & SegmentHead)
  /** An orchestrator has answered a segment; `atMs` is when. The times say how long it waited for what. */
  | ({
      readonly type: 'segment_served'
      readonly sessionId: SessionId
      readonly receivedAtMs: number
      readonly dispatchedAtMs: number
      readonly returnedAtMs: number
    } & SegmentHead)
  | ({ readonly type: 'segment_refused'; readonly code: string; readonly sender?: Address } & SegmentHead)
  /** A gateway has viewers of a stream served by an orchestrator, or does so no more. The price is wei per byte, as num/den. */
  | ({ readonly type: 'edge_chosen'; readonly viewerUrl: string; readonly pricePerByte: string } & EdgeHead)
  | ({ readonly type: 'edge_left'; readonly code: string; readonly message: string } & EdgeHead)
  /** A gateway paid an edge in advance. */
  | ({ readonly type: 'distribution_paid'; readonly tickets: number; readonly expectedValueWei: string } & EdgeHead)
  /** What an edge reported as served since its last report, after the gateway checked it. */
  | ({
      readonly type: 'distribution_used'
      readonly bytes: number
      readonly feeWei: string
      /** Viewers who got something. */
      readonly viewers: number
    } & EdgeHead)
  /** The edge's side: what it was paid, and what it took of it since it told so last. */
  | ({
      readonly type: 'distribution_credited'
      readonly tickets: number
      readonly creditWei: string
      readonly balanceWei: string
    } & ServedHead)
  | ({
      readonly type: 'distribution_debited'
      readonly bytes: number
      readonly feeWei: string
      readonly balanceWei: string
      /** Bytes that it fetched from the gateway for that. */
      readonly pulledBytes: number
    } & ServedHead)
  /** A worker took and finished a segment. */
  | ({ readonly type: 'work_started'; readonly sessionId: SessionId; readonly worker: NodeId } & SegmentHead)
  | ({
      readonly type: 'work_done'
      readonly sessionId: SessionId
      readonly worker: NodeId
      readonly elapsedMs: number
      /** How long the segment is, where the job says so. */
      readonly durationMs?: number
      readonly pixels: string
    } & SegmentHead)
  | ({
      readonly type: 'work_failed'
      readonly sessionId: SessionId
      readonly worker: NodeId
      readonly message: string
    } & SegmentHead)
  | {
      readonly type: 'ticket_won'
      readonly ticketHash: string
      readonly sender: Address
      /** Who is paid; a redeemer in a process of its own tells this for its orchestrator. */
      readonly recipient?: Address
      readonly faceValueWei: string
      readonly manifestId?: ManifestId
      readonly seq?: number
    }
  | {
      readonly type: 'ticket_redeemed'
      readonly ticketHash: string
      readonly sender: Address
      readonly recipient: Address
      readonly faceValueWei: string
      readonly paidWei: string
      readonly txHash: string
      readonly block: string
    }
  | {
      readonly type: 'ticket_dropped'
      readonly ticketHash: string
      readonly recipient?: Address
      readonly reason: string
    }
  | { readonly type: 'round_initialized'; readonly round: string; readonly block: string; readonly txHash?: string }
  | {
      readonly type: 'reward_called'
      readonly orchestrator: Address
      readonly round: string
      readonly amountLpt: string
      readonly txHash: string
    }
  /** A reward call that came to nothing; the node tries again. */
  | { readonly type: 'reward_failed'; readonly orchestrator: Address; readonly round: string }
  /** What a node's account has and offers, told whenever it changes. Gas prices are wei per gas. */
  | {
      readonly type: 'account_state'
      readonly address: Address
      readonly block: string
      readonly gasPriceWei: string
      readonly minGasPriceWei: string
      /** Absent where gas may cost any price. */
      readonly maxGasPriceWei?: string
      /** Absent for accounts that pay nobody. */
      readonly funds?: { readonly depositWei: string; readonly reserveWei: string }
    }
  /** How much an orchestrator has under way and could take, told whenever it changes. */
  | {
      readonly type: 'load_changed'
      readonly sessions: number
      readonly maxSessions: number
      readonly workers: number
      readonly workersCapacity: number
    }
  /** An orchestrator's price, in wei per pixel; for one gateway alone where there is a sender. */
  | { readonly type: 'price_changed'; readonly pricePerPixel: string; readonly sender?: Address }
  /** What a node reads from the chain at one block; the terminal and the page show chain figures from this alone. */
  | {
      readonly type: 'chain_state'
      readonly block: string
      readonly round: string
      readonly roundInitialized: boolean
      readonly blocksToNextRound: number
      readonly roundLength?: number
      readonly totalSupplyLpt: string
      readonly totalBondedLpt: string
      readonly inflationPerc9: string
      readonly orchestrators: readonly {
        readonly address: Address
        readonly serviceUri: string
        readonly active: boolean
        readonly stakeLpt: string
        readonly pendingFeesWei: string
        readonly rewardCutPerc6: string
        readonly feeSharePerc6: string
        readonly lastRewardRound: string
        readonly delegators: readonly { readonly address: Address; readonly stakeLpt: string }[]
      }[]
      readonly sender?: { readonly address: Address; readonly depositWei: string; readonly reserveWei: string }
    }
  | { readonly type: 'warning'; readonly code: string; readonly message: string }

/** Anything that happens in a node. Everything that shows or counts is fed by this union and by nothing else. */
export type NodeEvent = EventHead & Body
export type NodeEventType = NodeEvent['type']
/** The event of one type. */
export type NodeEventOf<Type extends NodeEventType> = Extract<NodeEvent, { readonly type: Type }>
/** An event as a part tells it; the node adds version, node id and time. */
export type NodeEventBody = Body & { readonly traceparent?: string | undefined }
/** Where parts tell what happens. */
export type TellEvent = (event: NodeEventBody) => void

import type { DistributionReport } from '@millrace/wire'
import type { Refusal, SegmentHeaders } from './orchestrator-service.ts'

export type ViewerRequest = {
  readonly method: string | undefined
  readonly range: string | undefined
  readonly ifNoneMatch: string | undefined
}

/** An answer to a viewer. What it has of the body is told, once, to who keeps the accounts. */
export type ViewerAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** To be called when the answer is over, with the bytes of the body that were sent. */
  sent(bytes: number): void
}

/** What serves the viewers of gateways; implemented by orchestrator/edge.ts. */
export type EdgeService = {
  /** Begins, pays, asks after or ends the session of one stream. */
  update(headers: SegmentHeaders, body: Uint8Array): Promise<DistributionReport | Refusal>
  /** Never rejects. */
  view(path: string, request: ViewerRequest): Promise<ViewerAnswer>
}

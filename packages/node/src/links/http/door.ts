import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { SegmentHeaders } from '../orchestrator-service.ts'

export type DoorRequest = IncomingMessage | Http2ServerRequest
export type DoorResponse = ServerResponse | Http2ServerResponse

export type DoorCall = {
  /** Without the query. */
  readonly path: string
  readonly headers: SegmentHeaders
  /** Aborts when the orchestrator stops. */
  readonly signal: AbortSignal
}

/** Further paths of the orchestrator's port. Answers a request, or returns undefined, and does nothing, where the path is none of its own. */
export type Door = (request: DoorRequest, response: DoorResponse, call: DoorCall) => Promise<void> | undefined

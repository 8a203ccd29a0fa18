import { z } from 'zod'

/** How a gateway has AI pipelines work on live video. Times are in milliseconds. */
export type LiveAiGatewayConfig = {
  /** -livePaymentInterval. Default 5 s. */
  readonly paymentIntervalMs?: number
  /** -liveOutSegmentTimeout: an orchestrator out of which nothing comes for so long is left. Default 30 s. */
  readonly outSegmentTimeoutMs?: number
  /** LIVE_AI_MIN_SEG_DUR: the least that a segment lasts. Default 1 s. */
  readonly minSegmentMs?: number
  /** LIVE_AI_WHEP_MAX_SESSIONS: viewers by WebRTC of one stream; undefined for as many as of any stream. */
  readonly maxViewers?: number
  /** -liveAIAuthWebhookUrl and -liveAIAuthApiKey: a service that is asked about each stream. */
  readonly auth?: { readonly url: string; readonly apiKey?: string }
  /** -liveAIHeartbeatURL, -liveAIHeartbeatHeaders and -liveAIHeartbeatInterval: where the streams that run are told. */
  readonly heartbeat?: {
    readonly url: string
    readonly headers?: Readonly<Record<string, string>>
    readonly intervalMs?: number
  }
}

/** The same, as the file of a node has it. */
export const liveAiGateway = z
  .strictObject({
    paymentIntervalMs: z.number().int().min(100).optional(),
    outSegmentTimeoutMs: z.number().int().positive().optional(),
    minSegmentMs: z.number().int().min(100).max(10_000).optional(),
    maxViewers: z.number().int().positive().optional(),
    auth: z.strictObject({ url: z.url(), apiKey: z.string().min(1).optional() }).optional(),
    heartbeat: z
      .strictObject({
        url: z.url(),
        headers: z.record(z.string(), z.string()).optional(),
        intervalMs: z.number().int().min(100).optional(),
      })
      .optional(),
  })
  .optional()

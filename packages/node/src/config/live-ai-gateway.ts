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
  readonly auth?: { readonly url: string; readonly apiKey?: string | undefined }
  /** -liveAIHeartbeatURL, -liveAIHeartbeatHeaders and -liveAIHeartbeatInterval: where the streams that run are told. */
  readonly heartbeat?: {
    readonly url: string
    readonly headers?: Readonly<Record<string, string>>
    readonly intervalMs?: number
  }
}

import type { SegmentHeaders } from './orchestrator-service.ts'

/** What is answered with 402: what tickets must look like, and what they pay for. */
export type PaymentChallenge = {
  /** An OrchestratorInfo in base64. */
  readonly payment_params: string
  readonly orchestrator: string
  /** The session that there will be; payments name it. */
  readonly manifest_id: string
  readonly payment_url: string
}

export const RUNNER_HEADER = {
  payer: 'Livepeer-Payer-Address',
  route: 'Livepeer-Runner-Route',
  session: 'Livepeer-Session-Id',
  token: 'Livepeer-Session-Token',
  control: 'Livepeer-Session-Control',
} as const

/** A way to an app for requests of one session. */
export type AppRoute = {
  /** Of the app, without what the client asks of it. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Aborts when the session ends. */
  readonly signal: AbortSignal
  /** What became of a request; a session of one request ends with it. */
  finished(outcome: 'done' | 'refused' | 'failed' | 'gone'): void
}

export type RunnerHeaders = SegmentHeaders & {
  readonly authorization: string | undefined
  readonly payer: string | undefined
  readonly token: string | undefined
}

/** What stands behind the paths of live runners; implemented by orchestrator/live-runners/runner-service.ts. All of it throws ComputeErrors. */
export type RunnerService = {
  discovery(): unknown
  heartbeat(body: string, authorization: string | undefined): Promise<unknown>
  unregister(route: string, authorization: string | undefined): void
  openSession(
    route: string,
    headers: RunnerHeaders,
  ): Promise<{ readonly session: unknown } | { readonly challenge: PaymentChallenge }>
  stopSession(route: string, id: string): void
  paySession(route: string, id: string, headers: RunnerHeaders): Promise<Uint8Array>
  /** The app of a session that is there. */
  appOf(route: string, id: string): AppRoute
  /** The app of a single-shot runner, in a session of its own. */
  openOnce(
    route: string,
    headers: RunnerHeaders,
  ): Promise<{ readonly app: AppRoute } | { readonly challenge: PaymentChallenge }>
  /** Throws `compute_unauthorized` unless the token is that of the session. */
  checkToken(route: string, id: string, token: string | undefined): void
  openChannels(route: string, id: string, body: string): unknown
  closeChannels(route: string, id: string, body: string): unknown
  openProxy(route: string, id: string, body: string): unknown
  /** True where a request asks for an address of -liveRunnerProxyUrl. */
  isProxyAddress(host: string, path: string): boolean
  /** Where such an address leads; undefined where it is none. */
  proxied(
    host: string,
    path: string,
  ): { readonly app: AppRoute; readonly path: string } | { readonly once: string; readonly path: string } | undefined
}

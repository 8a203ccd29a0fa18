import { z } from 'zod'

/** Apps behind an orchestrator that gateways rent sessions with. */
export type LiveRunnersConfig = {
  /** The JSON of -liveRunnerConfig: apps that the operator names. */
  readonly document?: string
  /** -liveRunnerAddr: where apps reach this orchestrator; the service URI when left out. */
  readonly runnerAddr?: string
  /** -liveRunnerProxyUrl: public addresses of apps, with one `{proxy}`; `/run/{proxy}` below the service URI when left out. */
  readonly proxyUrl?: string
  /** -livePaymentInterval in milliseconds: how often sessions are charged. Default 5 s. */
  readonly paymentIntervalMs?: number
}

export const liveRunners = z.strictObject({
  document: z.string().max(1_000_000).optional(),
  runnerAddr: z.url({ protocol: /^https?$/ }).optional(),
  proxyUrl: z.string().min(1).optional(),
  paymentIntervalMs: z.number().int().positive().optional(),
})

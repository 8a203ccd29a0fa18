import { z } from 'zod'

/** How an orchestrator sells live video to video. */
export type LiveAiSellingConfig = {
  /** -livePaymentInterval: how often is debited, in milliseconds; 5 s when left out. */
  readonly paymentIntervalMs?: number
  /** -liveAITrickleHostForRunner: the host, with its port, by which runners reach the orchestrator's channels; its own address when left out. */
  readonly trickleHostForRunner?: string
}

/** The same, as the file of a node has it. */
export const liveAiSelling = z
  .strictObject({
    paymentIntervalMs: z.number().int().positive().optional(),
    trickleHostForRunner: z.string().min(1).optional(),
  })
  .optional()

import { MillraceError, type Rational } from '@millrace/base'
import type { TicketBatch } from '@millrace/payments'
import type { ManifestId, TellEvent } from '@millrace/wire'
import type { Spent } from './attempt-outcomes.ts'
import type { BoughtSegment } from './buyer.ts'
import type { GatewaySession } from './session-pool.ts'
import type { SubmitDeps, Submitted } from './submit.ts'

/** Notes what an attempt spends, and tells that its segment was sent. */
export function watchSpending(
  about: {
    readonly manifestId: ManifestId
    readonly seq: number
    readonly attempt: number
    readonly session: GatewaySession
    readonly traceparent: string
  },
  spent: Spent,
  tell: TellEvent,
): Required<Pick<SubmitDeps, 'unpaid' | 'submitted' | 'debited' | 'transferred'>> {
  const { manifestId, seq, attempt, session, traceparent } = about
  return {
    unpaid: (error) => {
      const code = error instanceof MillraceError ? error.code : 'unknown'
      tell({ type: 'payment_failed', manifestId, seq, orchestrator: session.info.address, code, traceparent })
    },
    submitted: ({ tickets, expectedValueWei, batch, price }) => {
      spent.sentWei = expectedValueWei
      tell({
        type: 'segment_submitted',
        manifestId,
        seq,
        orchestrator: session.info.address,
        orchestratorUri: session.serviceUri,
        sessionId: session.sessionId,
        attempt,
        tickets,
        expectedValueWei: expectedValueWei.toString(),
        ...(batch && price && { payment: paymentFacts(batch, price) }),
        traceparent,
      })
    },
    transferred: (times) =>
      tell({
        type: 'segment_transferred',
        manifestId,
        seq,
        orchestratorUri: session.serviceUri,
        ...times,
        traceparent,
      }),
    debited: (feeWei) => {
      spent.debitedWei = feeWei
    },
  }
}

/** What was bought with this submission. */
export const boughtFrom = (
  { result, renditions, stored, pixels }: Submitted,
  session: GatewaySession,
  traceparent: string,
): BoughtSegment => ({
  orchestrator: session.info.address,
  orchestratorUri: session.serviceUri,
  orchestratorVersion: session.info.capabilities?.version,
  sessionId: session.sessionId,
  renditions,
  stored,
  pixels,
  feeWei: result.feeWei,
  tickets: result.tickets,
  paid: result.paid,
  commitment: result.commitment,
  traceparent,
})

function paymentFacts({ sender, ticketParams }: TicketBatch, price: Rational) {
  const { recipient, faceValue, winProb } = ticketParams
  const pricePerPixel = `${price.num}/${price.den}`
  return { sender, recipient, faceValueWei: faceValue.toString(), winProb: winProb.toString(), pricePerPixel }
}

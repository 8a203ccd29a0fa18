import { rational } from '@millrace/base'
import { expect, it } from 'vitest'
import { outcomeOf, refusalOf } from './ai-purchase.ts'

const refused = (status: number, text: string) => outcomeOf(refusalOf({ status, body: Buffer.from(text) }))
const KEPT = { status: 'receivedChange', debit: rational(0n) }

it.each([
  [402, 'payment error', { status: 'staged' }],
  [403, 'segment signature', { status: 'staged' }],
  [503, 'insufficient capacity', { status: 'staged' }],
  [503, 'the runner is away', KEPT],
  [500, 'the model failed', KEPT],
  [400, 'width: too small', KEPT],
  [400, 'Insufficient balance', { status: 'creditSpent' }],
])(
  'the payment of a job that was refused with %s %s is settled as it is known to the orchestrator',
  (status, text, outcome) => {
    expect(refused(status, text)).toEqual(outcome)
  },
)

it('a payment whose answer stays away is credit still, until the orchestrator says otherwise', () => {
  expect(outcomeOf(new Error('the connection broke off'))).toEqual(KEPT)
})

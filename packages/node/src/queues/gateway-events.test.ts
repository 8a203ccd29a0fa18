import { manifestId, type NodeEvent, type NodeEventBody, nodeId, sessionId } from '@millrace/wire'
import { expect, it } from 'vitest'
import { gatewayEventOf } from './gateway-events.ts'

const GATEWAY = '0x00000000000000000000000000000000000000aa'
const ORCHESTRATOR = '0x00000000000000000000000000000000000000bb'
const told = (event: NodeEventBody) =>
  gatewayEventOf({ v: 1, nodeId: nodeId('g'), atMs: 1_700_000_000_123, ...event } as NodeEvent, GATEWAY)

const submitted = (faceValueWei: string, winProb: bigint, pricePerPixel: string) =>
  told({
    type: 'segment_submitted',
    manifestId: manifestId('clip'),
    seq: 1,
    orchestrator: ORCHESTRATOR,
    orchestratorUri: 'https://o.example:8935',
    sessionId: sessionId('00000001'),
    attempt: 1,
    tickets: 5,
    expectedValueWei: '17500000',
    payment: { recipient: ORCHESTRATOR, sender: GATEWAY, faceValueWei, winProb: winProb.toString(), pricePerPixel },
  })

it('a payment is told with amounts as go-livepeer writes them', () => {
  expect(submitted('35000000', (2n ** 256n - 1n) / 10n, '6/5')).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    type: 'create_new_payment',
    timestamp: '1700000000123',
    gateway: GATEWAY,
    data: {
      clientIP: '',
      requestID: '',
      capability: '',
      manifestID: 'clip',
      sessionID: '00000001',
      recipient: ORCHESTRATOR,
      faceValue: '35000000 WEI',
      winProb: '0.1000000000',
      price: '1.200 wei/pixel',
      numTickets: '5',
      sender: GATEWAY,
      orchestrator: 'https://o.example:8935',
    },
  })
  const data = submitted((15n * 10n ** 16n).toString(), 2n ** 256n - 1n, '2/3')?.data
  expect(data).toMatchObject({ faceValue: '0.15 ETH', winProb: '1.0000000000', price: '0.667 wei/pixel' })
})

it('who was found is told with the time that the answer took', () => {
  const orchestrators = [{ address: ORCHESTRATOR, serviceUri: 'https://o.example:8935', latencyMs: 41 }] as const
  expect(told({ type: 'orchestrators_found', manifestId: manifestId('clip'), orchestrators })).toMatchObject({
    type: 'discovery_results',
    data: [{ address: ORCHESTRATOR, url: 'https://o.example:8935', latency_ms: '41' }],
  })
})

it('nothing else is told', () => {
  expect(told({ type: 'node_stopped' })).toBeUndefined()
})

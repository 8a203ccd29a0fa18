import type { NodeEvent } from '@millrace/wire'
import { describe, expect, test } from 'vitest'
import { CHAIN_STATE, GATEWAY, NODES, OFFCHAIN_NODES, ORCHESTRATOR_1, segment, told, viewOf } from '../view.fixture.ts'
import { Choreography } from './moves.ts'

const view = viewOf([...NODES, CHAIN_STATE])

/** The ways of all moves of these events, in order. */
function ways(events: readonly NodeEvent[], seen = view): string[] {
  const choreography = new Choreography()
  return events
    .flatMap((event) => choreography.movesOf(event, seen))
    .map(({ kind, from, to }) => `${kind}: ${from} > ${to}`)
}

const work = [
  told('worker-1', segment('work_started', 1, { worker: 'worker-1' })),
  told('worker-1', segment('work_done', 1, { worker: 'worker-1' })),
]

describe('what moves', () => {
  test('a segment goes to the orchestrator, on to its worker, and back', () => {
    const events = [
      told('gateway', segment('segment_submitted', 1, { orchestrator: ORCHESTRATOR_1 })),
      ...work,
      told('gateway', segment('segment_transcoded', 1, { orchestrator: ORCHESTRATOR_1 })),
    ]
    expect(ways(events)).toEqual([
      'segment: gateway > orchestrator-1',
      'segment: orchestrator-1 > worker-1',
      'result: worker-1 > orchestrator-1',
      'result: orchestrator-1 > gateway',
    ])
  })

  test('off chain the worker tells which orchestrator has the segment', () => {
    const nobody = '0x0000000000000000000000000000000000000000'
    const events = [
      told('gateway', segment('segment_submitted', 1, { orchestrator: nobody })),
      ...work,
      told('gateway', segment('segment_transcoded', 1, { orchestrator: nobody })),
    ]
    expect(ways(events, viewOf(OFFCHAIN_NODES))).toEqual([
      'segment: gateway > orchestrator-1',
      'segment: orchestrator-1 > worker-1',
      'result: worker-1 > orchestrator-1',
      'result: orchestrator-1 > gateway',
    ])
  })

  test('every ticket of a payment goes from its sender to the orchestrator', () => {
    const paid = told('orchestrator-1', segment('payment_received', 1, { sender: GATEWAY, tickets: 3 }))
    expect(ways([paid])).toEqual(Array(3).fill('ticket: gateway > orchestrator-1'))
  })

  test('a ticket that won flashes, and goes to the chain when it is paid out', () => {
    const events = [
      told('orchestrator-1', { type: 'ticket_won', ticketHash: '0x1' }),
      told('orchestrator-1', { type: 'ticket_redeemed', ticketHash: '0x1', recipient: ORCHESTRATOR_1 }),
    ]
    expect(ways(events)).toEqual([
      'won: orchestrator-1 > orchestrator-1',
      'redeemed: orchestrator-1 > chain',
      'landed: chain > chain',
    ])
  })

  test('nothing moves for events that carry nothing', () => {
    expect(ways([CHAIN_STATE, told('gateway', { type: 'node_stopped' })])).toEqual([])
  })
})

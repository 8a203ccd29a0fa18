import { describe, expect, test } from 'vitest'
import { CHAIN_STATE, NODES, OFFCHAIN_NODES, told, viewOf } from '../view.fixture.ts'
import { layoutNetwork } from './layout.ts'

const view = viewOf([...NODES, CHAIN_STATE])

describe('the drawing', () => {
  test('has gateways left of orchestrators and these left of workers', () => {
    for (const width of [320, 1200]) {
      const { nodes } = layoutNetwork(view, width)
      const x = (kind: string) => nodes.filter((node) => node.kind === kind).map((node) => node.x)
      expect(Math.max(...x('gateway'))).toBeLessThan(Math.min(...x('orchestrator')))
      expect(Math.max(...x('orchestrator'))).toBeLessThan(Math.min(...x('worker')))
      for (const node of nodes) {
        expect(node.x - node.size).toBeGreaterThanOrEqual(0)
        expect(node.x + node.size).toBeLessThanOrEqual(width)
      }
    }
  })

  test('joins each worker with its orchestrator, each delegator with its own, and the gateway with all', () => {
    const { lines } = layoutNetwork(view, 1200)
    const named = lines.map(({ from, to, kind }) => `${kind}: ${from.split('/')[0]} ${to}`)
    expect(named.toSorted()).toEqual([
      'stake: orchestrator-1 orchestrator-1',
      'work: gateway orchestrator-1',
      'work: gateway orchestrator-2',
      'work: orchestrator-1 worker-1',
      'work: orchestrator-2 worker-2',
    ])
  })

  test('draws the larger stake larger', () => {
    const sizes = layoutNetwork(view, 1200).nodes.filter(({ kind }) => kind === 'orchestrator')
    expect(sizes[0]?.size).toBeGreaterThan(sizes[1]?.size ?? 0)
    expect(sizes.map(({ detail }) => detail)).toEqual(['250,000 LPT', '62,500 LPT'])
  })

  test('shows a stopped node and its lines as down', () => {
    const { nodes, lines } = layoutNetwork(viewOf([...NODES, told('worker-2', { type: 'node_stopped' })]), 1200)
    expect(nodes.filter(({ up }) => !up).map(({ id, detail }) => [id, detail])).toEqual([['worker-2', 'stopped']])
    expect(lines.filter(({ up }) => !up).map(({ to }) => to)).toEqual(['worker-2'])
  })

  test('has a chain with the progress of its round, and none off chain', () => {
    expect(layoutNetwork(view, 1200).chain?.progress).toBeCloseTo(13 / 60)
    expect(layoutNetwork(viewOf(OFFCHAIN_NODES), 1200).chain).toBeUndefined()
  })

  test('counts won tickets until they are paid out', () => {
    const won = told('orchestrator-1', { type: 'ticket_won' })
    const redeemed = told('orchestrator-1', { type: 'ticket_redeemed', paidWei: '1' })
    const { nodes } = layoutNetwork(viewOf([...NODES, won, won, redeemed]), 1200)
    expect(nodes.find(({ id }) => id === 'orchestrator-1')?.wonTickets).toBe(1)
  })

  test('draws a redeemer of its own, with the won tickets that it has', () => {
    const redeemer = told('redeemer-1', { type: 'node_started', name: 'redeemer-1', roles: ['redeemer'] })
    const won = told('redeemer-1', { type: 'ticket_won' })
    const { nodes } = layoutNetwork(viewOf([...NODES, CHAIN_STATE, redeemer, won]), 1200)
    expect(nodes.filter(({ kind }) => kind === 'redeemer')).toMatchObject([{ id: 'redeemer-1', wonTickets: 1 }])
  })
})

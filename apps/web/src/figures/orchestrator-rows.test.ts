import { expect, test } from 'vitest'
import { CHAIN_STATE, NODES, OFFCHAIN_NODES, ORCHESTRATOR_2, viewOf } from '../view.fixture.ts'
import { orchestratorRows } from './orchestrator-rows.ts'

test('a node and its entry on the chain are one row, in the order of names', () => {
  const rows = orchestratorRows(viewOf([...NODES, CHAIN_STATE]))
  expect(rows.map(({ id, stakeLpt }) => [id, stakeLpt])).toEqual([
    ['orchestrator-1', 250_000n * 10n ** 18n],
    ['orchestrator-2', 62_500n * 10n ** 18n],
  ])
})

test('an orchestrator that only the chain knows has a row by its address', () => {
  const nodes = NODES.filter(({ nodeId }) => nodeId !== 'orchestrator-2')
  const rows = orchestratorRows(viewOf([...nodes, CHAIN_STATE]))
  expect(rows.map(({ id, name }) => [id, name])).toEqual([
    ['orchestrator-1', 'orchestrator-1'],
    [ORCHESTRATOR_2, '0x90f7…b906'],
  ])
})

test('off chain an orchestrator has no stake', () => {
  const [first] = orchestratorRows(viewOf(OFFCHAIN_NODES))
  expect(first).toMatchObject({ id: 'orchestrator-1', onChain: undefined, stakeLpt: 0n })
})

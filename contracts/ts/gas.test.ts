import { hexToNumber, keccak256, numberToHex, stringToHex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Anvil, startAnvil } from './testing/anvil.ts'
import { openRecordedNetwork, type RecordedNetwork } from './testing/recorded-network.ts'
import { type GasRecording, readRecording, type ShortCall } from './testing/recording.ts'

type Scenario = GasRecording['scenarios'][number]

const { bases, scenarios } = readRecording('recorded-gas')
const table: { scenario: string; gas: number; recorded: number; ratio: number }[] = []

/** The recordings were made from other addresses, whose zero bytes are cheaper in call data. */
const tolerance = 200

/** Parts of the recorded gas that the operations of every day stay below, by function. */
const bounds: Record<string, number> = {
  redeemWinningTicket: 0.975,
  batchRedeemWinningTickets: 0.9,
  reward: 0.975,
  bond: 0.965,
  withdrawFees: 0.94,
  initializeRound: 0.965,
  castVote: 0.93,
}

let anvil: Anvil
beforeAll(async () => {
  anvil = await startAnvil(['--gas-price', '0', '--block-base-fee-per-gas', '0'])
})
afterAll(async () => {
  await anvil?.[Symbol.asyncDispose]()
  const rows = table.map(
    ({ scenario, gas, recorded, ratio }) => `${ratio.toFixed(3)}  ${gas} of ${recorded}  ${scenario}`,
  )
  process.stdout.write(`gas, as a ratio to that of the deployed contracts\n${rows.join('\n')}\n`)
})

test.each(Object.keys(bases).filter((base) => base !== 'governor'))(
  'operations on %s cost no more gas than the deployed contracts',
  { timeout: 120_000 },
  async (base) => {
    const empty = await anvil.rpc.request('evm_snapshot')
    const network = await open(base)
    let start = await anvil.rpc.request('evm_snapshot')
    for (const scenario of scenariosOf(base)) {
      for (const call of scenario.calls) await succeed(network, call)
      await measure(network, scenario)
      await anvil.rpc.request('evm_revert', start)
      start = await anvil.rpc.request('evm_snapshot')
    }
    await anvil.rpc.request('evm_revert', empty)
  },
)

test('a proposal of the governor costs no more gas than the deployed contracts, from the idea to the payment', {
  timeout: 120_000,
}, async () => {
  const empty = await anvil.rpc.request('evm_snapshot')
  const network = await open('governor', { governance: true })
  const [propose, firstVote, override, secondVote, queue, execute] = scenariosOf('governor') as Six
  const [targets, values, calldatas, description] = propose.measured.args
  const descriptionHash = keccak256(stringToHex(description as string))
  const [proposalId] = await network.read([
    ['LivepeerGovernor', 'hashProposal', [targets!, values!, calldatas!, descriptionHash]],
  ])
  const vote = (scenario: Scenario): Scenario => ({
    ...scenario,
    measured: { ...scenario.measured, args: [proposalId!, scenario.measured.args[1]!] },
  })

  await measure(network, propose)
  await startRounds(network, 1003, 1004)
  await measure(network, vote(firstVote))
  await measure(network, vote(override))
  await measure(network, vote(secondVote))
  await succeed(network, ['A2', 'LivepeerGovernor', 'castVote', [proposalId!, '1']])
  await startRounds(network, 1005, 1014)
  await measure(network, queue)
  await measure(network, execute)
  await anvil.rpc.request('evm_revert', empty)
})

test('every recorded operation is measured', () => {
  expect(table.length).toBe(64)
  expect(scenarios.length).toBe(64)
})

type Six = [Scenario, Scenario, Scenario, Scenario, Scenario, Scenario]

const scenariosOf = (base: string) => scenarios.filter((one) => one.base === base)

async function open(base: string, options: { governance?: boolean } = {}): Promise<RecordedNetwork> {
  const { parameters, calls } = bases[base]!
  const names = [...Array.from({ length: 10 }, (_, index) => `A${index}`), ...transcodersIn(calls)]
  const network = await openRecordedNetwork(anvil, parameters, names, options)
  for (const call of calls) await succeed(network, call)
  return network
}

async function measure(network: RecordedNetwork, { base, name, measured, gasUsed }: Scenario): Promise<void> {
  const receipt = await network.send(measured)
  expect(receipt.status, name).toBe('0x1')
  const gas = hexToNumber(receipt.gasUsed)
  table.push({ scenario: `${base}: ${name}`, gas, recorded: gasUsed, ratio: gas / gasUsed })
  expect(gas, name).toBeLessThanOrEqual(gasUsed + tolerance)
  const bound = bounds[measured.function]
  if (bound !== undefined) expect(gas / gasUsed, name).toBeLessThanOrEqual(bound)
}

async function startRounds(network: RecordedNetwork, first: number, last: number): Promise<void> {
  for (let round = first; round <= last; round++) {
    await succeed(network, ['OWNER', 'RoundsManager', 'setBlockHash', [numberToHex(round, { size: 32 })]])
    await succeed(network, ['OWNER', 'RoundsManager', 'setBlockNum', [String(round * 50)]])
    await succeed(network, ['OWNER', 'RoundsManager', 'initializeRound', []])
  }
}

async function succeed(network: RecordedNetwork, [sender, contract, name, args, value]: ShortCall): Promise<void> {
  const receipt = await network.send({ sender, contract, function: name, args, ...(value ? { value } : {}) })
  expect(receipt.status, `${sender} ${contract}.${name}`).toBe('0x1')
}

/** T0, T1 … as far as the calls use them. */
function transcodersIn(calls: readonly ShortCall[]): string[] {
  return [...new Set(calls.map(([sender]) => sender).filter((name) => /^T\d+$/.test(name)))]
}

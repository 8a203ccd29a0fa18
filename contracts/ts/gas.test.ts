import { hexToNumber } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Anvil, startAnvil } from './testing/anvil.ts'
import { openRecordedNetwork, type RecordedNetwork } from './testing/recorded-network.ts'
import { readRecording, type ShortCall } from './testing/recording.ts'

const { bases, scenarios } = readRecording('recorded-gas')
// The governor is not among these contracts.
const measured = Object.keys(bases).filter((base) => base !== 'governor')
const table: { scenario: string; gas: number; recorded: number; ratio: number }[] = []

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

test.each(measured)(
  'operations on %s cost at most half more gas than the deployed contracts',
  { timeout: 120_000 },
  async (base) => {
    const { parameters, calls } = bases[base]!
    const empty = await anvil.rpc.request('evm_snapshot')
    const names = [...Array.from({ length: 10 }, (_, index) => `A${index}`), ...transcodersIn(calls)]
    const network = await openRecordedNetwork(anvil, parameters, names)
    for (const call of calls) await succeed(network, call)
    let start = await anvil.rpc.request('evm_snapshot')

    const ratios: number[] = []
    for (const scenario of scenarios.filter((one) => one.base === base)) {
      for (const call of scenario.calls) await succeed(network, call)
      const receipt = await network.send(scenario.measured)
      expect(receipt.status, scenario.name).toBe('0x1')
      const gas = hexToNumber(receipt.gasUsed)
      const ratio = gas / scenario.gasUsed
      table.push({ scenario: `${base}: ${scenario.name}`, gas, recorded: scenario.gasUsed, ratio })
      ratios.push(ratio)
      await anvil.rpc.request('evm_revert', start)
      start = await anvil.rpc.request('evm_snapshot')
    }
    await anvil.rpc.request('evm_revert', empty)
    expect(ratios.length).toBeGreaterThan(0)
    expect(Math.max(...ratios)).toBeLessThanOrEqual(1.5)
  },
)

async function succeed(network: RecordedNetwork, [sender, contract, name, args, value]: ShortCall): Promise<void> {
  const receipt = await network.send({ sender, contract, function: name, args, ...(value ? { value } : {}) })
  expect(receipt.status, `${sender} ${contract}.${name}`).toBe('0x1')
}

/** T0, T1 … as far as the calls use them. */
function transcodersIn(calls: readonly ShortCall[]): string[] {
  return [...new Set(calls.map(([sender]) => sender).filter((name) => /^T\d+$/.test(name)))]
}

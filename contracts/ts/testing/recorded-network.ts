import {
  type Abi,
  type AbiParameter,
  type Address,
  createPublicClient,
  createWalletClient,
  decodeErrorResult,
  decodeEventLog,
  decodeFunctionResult,
  encodeFunctionData,
  getAbiItem,
  type Hex,
  hexToBigInt,
  http,
  keccak256,
  maxUint256,
  numberToHex,
  stringToHex,
  zeroAddress,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { arbitrumOne, deployProtocol } from '../deploy.ts'
import * as abis from '../generated/abis.ts'
import type { Anvil } from './anvil.ts'
import type { NetworkReads } from './network-state.ts'
import type { Recorded, RecordedEvent, RecordedParameters, Revert, Step } from './recording.ts'
import { type Call, callParams, type Receipt, type Request } from './rpc.ts'

const contractAbis: Record<string, Abi> = {
  Controller: abis.controllerAbi,
  LivepeerToken: abis.livepeerTokenAbi,
  Minter: abis.minterAbi,
  TicketBroker: abis.ticketBrokerAbi,
  BondingManager: abis.bondingManagerAbi,
  BondingVotes: abis.bondingVotesAbi,
  RoundsManager: abis.adjustableRoundsManagerAbi,
  ServiceRegistry: abis.serviceRegistryAbi,
  LivepeerGovernor: abis.livepeerGovernorAbi,
  Treasury: abis.treasuryAbi,
}

/** The account that plays a named actor of a recording. */
export const actor = (name: string) => privateKeyToAccount(keccak256(stringToHex(`recorded actor ${name}`)))

/** A network set up as the recordings say, speaking their language of names and decimal strings. */
export type RecordedNetwork = NetworkReads & {
  /** Sends a transaction and returns its receipt, whether it failed or not. */
  send(step: Pick<Step, 'contract' | 'function' | 'sender' | 'args' | 'value'>): Promise<Receipt>
  /** Calls without sending; returns how it fails, undefined if it does not. */
  failureOf(step: Pick<Step, 'contract' | 'function' | 'sender' | 'args' | 'value'>): Promise<Revert | undefined>
  events(receipt: Receipt): RecordedEvent[]
}

/**
 * Sets up a network for the recordings; `names` are its accounts besides OWNER, TREASURY and MIGRATOR. With governance
 * the treasury is a contract, under its own name.
 */
export async function openRecordedNetwork(
  anvil: Anvil,
  recorded: RecordedParameters,
  names: readonly string[],
  { governance = false } = {},
): Promise<RecordedNetwork> {
  const { rpc } = anvil
  const holders = [...names, 'MIGRATOR']
  const accounts = Object.fromEntries(['OWNER', 'TREASURY', ...holders].map((name) => [name, actor(name)]))
  const rich = numberToHex(10_000_000n * 10n ** 18n)
  await rpc.batch([
    { method: 'evm_setAutomine', params: [true] },
    { method: 'anvil_autoImpersonateAccount', params: [true] },
    ...Object.values(accounts).map(({ address }) => ({ method: 'anvil_setBalance', params: [address, rich] })),
  ])

  const { initialLPT, ownerLPT, ...rest } = recorded
  const transport = http(anvil.url)
  const deployed = await deployProtocol({
    publicClient: createPublicClient({ transport }),
    walletClient: createWalletClient({ transport, account: accounts.OWNER! }),
    parameters: {
      ...arbitrumOne,
      ...Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, BigInt(value)])),
    },
    ...(governance ? { governance: {} } : { treasury: accounts.TREASURY!.address }),
    migrator: accounts.MIGRATOR!.address,
    allocations: [
      ...holders.map((name) => ({ account: accounts[name]!.address, amount: BigInt(initialLPT) })),
      { account: accounts.OWNER!.address, amount: BigInt(ownerLPT) },
    ],
    rounds: 'adjustable',
  })
  await rpc.request('evm_setAutomine', false)

  const addresses: Record<string, Address> = {
    ZERO: zeroAddress,
    ...Object.fromEntries(Object.entries(accounts).map(([name, account]) => [name, account.address])),
    Controller: deployed.controller,
    LivepeerToken: deployed.livepeerToken,
    Minter: deployed.minter,
    TicketBroker: deployed.ticketBroker,
    BondingManager: deployed.bondingManager,
    BondingVotes: deployed.bondingVotes,
    RoundsManager: deployed.roundsManager,
    ServiceRegistry: deployed.serviceRegistry,
    ...(deployed.livepeerGovernor ? { LivepeerGovernor: deployed.livepeerGovernor, Treasury: deployed.treasury } : {}),
  }
  const nameByAddress = new Map(Object.entries(addresses).map(([name, address]) => [address.toLowerCase(), name]))

  const addressOf = (name: string): Address => {
    const address = addresses[name]
    if (!address) throw new Error(`the recording names ${name}, which this network does not have`)
    return address
  }
  const abiOf = (contract: string): Abi => {
    const abi = contractAbis[contract]
    if (!abi) throw new Error(`the recording calls ${contract}, which is not one of our contracts`)
    return abi
  }
  const functionOf = (contract: string, name: string) => {
    const item = getAbiItem({ abi: abiOf(contract), name })
    if (item?.type !== 'function') throw new Error(`${contract} has no function ${name}`)
    return item
  }

  /** From names and strings to what viem encodes. */
  const live = (value: Recorded, type: AbiParameter): unknown => {
    if (Array.isArray(value)) return value.map((element) => live(element, elementOf(type)))
    if (typeof value === 'object' && 'encode' in value) {
      const [contract, name, args] = value.encode as [string, string, Recorded[]]
      return callData(contract, name, args)
    }
    if (typeof value === 'object') {
      const { components } = type as { components: readonly AbiParameter[] }
      return Object.fromEntries(components.map((part) => [part.name, live(value[part.name!]!, part)]))
    }
    if (type.type === 'address') return addressOf(value as string)
    return /^u?int/.test(type.type) ? BigInt(value as string) : value
  }

  const callData = (contract: string, name: string, args: readonly Recorded[]): Hex => {
    const { inputs } = functionOf(contract, name)
    const values = args.map((value, index) => live(value, inputs[index]!))
    return encodeFunctionData({ abi: abiOf(contract), functionName: name, args: values })
  }

  /** From what viem decodes to names and strings. */
  const recordedForm = (value: unknown, type: AbiParameter): Recorded => {
    if (type.type.endsWith(']')) {
      return (value as readonly unknown[]).map((element) => recordedForm(element, elementOf(type)))
    }
    if (type.type === 'tuple') {
      const { components } = type as { components: readonly AbiParameter[] }
      return components.map((part) => recordedForm((value as Record<string, unknown>)[part.name!], part))
    }
    if (type.type === 'address') return nameByAddress.get((value as string).toLowerCase()) ?? (value as string)
    return typeof value === 'boolean' ? value : String(value)
  }

  const withSignatures = async (args: readonly Recorded[]): Promise<Recorded[]> => {
    const [ticket, signature] = args as [Recorded, Recorded]
    if (Array.isArray(ticket)) {
      const tickets = ticket as Recorded[]
      const signed = tickets.map((one, index) => sign(one, (signature as Recorded[])[index]!))
      return [ticket, await Promise.all(signed), ...args.slice(2)]
    }
    return [ticket, await sign(ticket, signature), ...args.slice(2)]
  }

  const sign = async (ticket: Recorded, signature: Recorded): Promise<Recorded> => {
    const { signedBy, raw } = signature as { signedBy?: string; raw?: string }
    if (raw) return raw
    const type = functionOf('TicketBroker', 'getTicketHash').inputs[0]!
    const data = encodeFunctionData({
      abi: abis.ticketBrokerAbi,
      functionName: 'getTicketHash',
      args: [live(ticket, type) as never],
    })
    const call = callParams({ from: zeroAddress, to: addressOf('TicketBroker'), data })
    const hash = (await rpc.request('eth_call', call, 'latest')) as Hex
    return accounts[signedBy!]!.signMessage({ message: { raw: hash } })
  }

  const callOf = async (step: Pick<Step, 'contract' | 'function' | 'sender' | 'args' | 'value'>): Promise<Call> => {
    const args = step.function.includes('edeemWinningTicket') ? await withSignatures(step.args) : step.args
    return {
      from: addressOf(step.sender),
      to: addressOf(step.contract),
      data: callData(step.contract, step.function, args),
      value: BigInt(step.value ?? 0),
    }
  }

  const revertOf = (data: Hex | undefined): Revert => {
    if (!data || data === '0x') return { kind: 'empty' }
    const abi = Object.values(contractAbis).flat()
    const { errorName, args, abiItem } = decodeErrorResult({ abi, data })
    if (errorName === 'Error') {
      const reason = String(args![0]).replace(/0x[0-9a-f]{40}/g, (hex) => `{${nameByAddress.get(hex) ?? hex}}`)
      return { kind: 'reason', reason }
    }
    if (errorName === 'Panic') return { kind: 'panic', code: numberToHex(args![0] as bigint) }
    const { inputs } = abiItem as { inputs: readonly AbiParameter[] }
    return {
      kind: 'custom',
      error: errorName,
      args: (args ?? []).map((value, index) => recordedForm(value, inputs[index]!)),
    }
  }

  const network: RecordedNetwork = {
    send: async (step) => rpc.transact(await callOf(step)),

    async failureOf(step) {
      const [answer] = await rpc.batch([{ method: 'eth_call', params: [callParams(await callOf(step)), 'latest'] }])
      return answer!.error ? revertOf(answer!.error.data) : undefined
    },

    events: (receipt) =>
      receipt.logs.map(({ address, topics, data }) => {
        const contract = nameByAddress.get(address.toLowerCase())
        if (!contract) throw new Error(`a log of ${address}, which is not part of the network`)
        const abi = abiOf(contract)
        const { eventName, args = {} } = decodeEventLog({ abi, topics, data })
        const item = abi.find((entry) => entry.type === 'event' && entry.name === eventName)
        const inputs = (item as { inputs: readonly AbiParameter[] }).inputs
        const values = args as unknown as Record<string, unknown>
        return { contract, name: eventName!, args: inputs.map((input) => recordedForm(values[input.name!], input)) }
      }),

    async read(calls) {
      const requests = calls.map(([contract, name, args]): Request => {
        const data = callData(contract, name, args)
        return {
          method: 'eth_call',
          params: [callParams({ from: zeroAddress, to: addressOf(contract), data }), 'latest'],
        }
      })
      const answers = await rpc.batch(requests)
      return answers.map((answer, index): Recorded => {
        if (answer.error) return { revert: revertOf(answer.error.data) as unknown as Recorded }
        const [contract, name] = calls[index]!
        const { outputs } = functionOf(contract, name)
        const data = answer.result as Hex
        const result = decodeFunctionResult({ abi: abiOf(contract), functionName: name, data })
        if (outputs.length === 1) return recordedForm(result, outputs[0]!)
        return (result as readonly unknown[]).map((value, position) => recordedForm(value, outputs[position]!))
      })
    },

    ethOf: async (name) => String(hexToBigInt((await rpc.request('eth_getBalance', addressOf(name), 'latest')) as Hex)),
  }

  for (const name of holders) {
    await network.send({
      contract: 'LivepeerToken',
      function: 'approve',
      sender: name,
      args: ['BondingManager', String(maxUint256)],
    })
  }
  return network
}

function elementOf(type: AbiParameter): AbiParameter {
  return { ...type, type: type.type.replace(/\[\d*\]$/, '') }
}

import { type ContractName, contractId, controllerAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import { createPublicClient, defineChain, http, numberToHex, type PublicClient } from 'viem'
import { ChainError, chainError } from './errors.ts'

/** The contracts of one network, as its Controller names them. */
export type NetworkAddresses = {
  readonly controller: Address
  readonly livepeerToken: Address
  readonly minter: Address
  readonly bondingManager: Address
  readonly bondingVotes: Address
  readonly roundsManager: Address
  readonly ticketBroker: Address
  readonly serviceRegistry: Address
  /** Absent where LPT is worth something. */
  readonly livepeerTokenFaucet?: Address
  /** A contract where stakers govern it, any account elsewhere. */
  readonly treasury?: Address
  /** Absent where stakers do not govern the treasury. */
  readonly livepeerGovernor?: Address
  /** Absent on networks that took over nobody's stake. */
  readonly merkleSnapshot?: Address
}

/** A connection to one network: reads go through `rpc`, addresses were looked up once. */
export type ChainClient = {
  readonly rpc: PublicClient
  readonly url: string
  readonly chainId: number
  readonly addresses: NetworkAddresses
}

export type ConnectOptions = {
  readonly url: string
  readonly controller: Address
  /** When given, an RPC of another chain is refused. */
  readonly chainId?: number
}

/**
 * Connects to an Ethereum RPC and resolves the protocol's contracts through the Controller.
 * Throws `rpc_unreachable`, `wrong_chain_id` or `no_contract`.
 */
export async function connectChain(options: ConnectOptions): Promise<ChainClient> {
  const probe = createPublicClient({ transport: http(options.url, { retryCount: 1, timeout: 5_000 }) })
  let chainId: number
  try {
    chainId = await probe.getChainId()
  } catch (cause) {
    throw new ChainError('rpc_unreachable', `no Ethereum RPC answers at ${redactUrl(options.url)}: check --eth-url`, {
      cause,
      retryable: true,
    })
  }
  if (options.chainId !== undefined && chainId !== options.chainId)
    throw new ChainError(
      'wrong_chain_id',
      `the RPC at ${redactUrl(options.url)} is chain ${chainId}, this network is chain ${options.chainId}: pass the --eth-url of the right chain`,
      { meta: { expected: options.chainId, actual: chainId } },
    )
  const chain = defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [options.url] } },
  })
  const rpc = createPublicClient({
    chain,
    transport: http(options.url, { retryCount: 3, retryDelay: 150, timeout: 10_000 }),
    cacheTime: 0,
  })
  const find = (name: ContractName) => findContract(rpc, options.controller, name)
  const need = (name: ContractName) => contractAddress(rpc, options.controller, name)
  const [livepeerToken, minter, bondingManager, bondingVotes, roundsManager, ticketBroker, serviceRegistry] =
    await Promise.all([
      need('LivepeerToken'),
      need('Minter'),
      need('BondingManager'),
      need('BondingVotes'),
      need('RoundsManager'),
      need('TicketBroker'),
      need('ServiceRegistry'),
    ])
  const [livepeerTokenFaucet, treasury, livepeerGovernor, merkleSnapshot] = await Promise.all([
    find('LivepeerTokenFaucet'),
    find('Treasury'),
    find('LivepeerGovernor'),
    find('MerkleSnapshot'),
  ])
  return {
    rpc,
    url: options.url,
    chainId,
    addresses: {
      controller: options.controller,
      livepeerToken,
      minter,
      bondingManager,
      bondingVotes,
      roundsManager,
      ticketBroker,
      serviceRegistry,
      ...(livepeerTokenFaucet && { livepeerTokenFaucet }),
      ...(treasury && { treasury }),
      ...(livepeerGovernor && { livepeerGovernor }),
      ...(merkleSnapshot && { merkleSnapshot }),
    },
  }
}

/** A contract that every network has. */
async function contractAddress(rpc: PublicClient, controller: Address, name: ContractName): Promise<Address> {
  const address = await findContract(rpc, controller, name)
  if (!address) throw new ChainError('no_contract', `the Controller at ${controller} knows no contract named ${name}`)
  return address
}

/** Asks the Controller for a contract by its name. */
async function findContract(rpc: PublicClient, controller: Address, name: ContractName): Promise<Address | undefined> {
  try {
    const parameters = { address: controller, abi: controllerAbi, functionName: 'getContract' } as const
    const address = await rpc.readContract({ ...parameters, args: [contractId(name)] })
    return BigInt(address) === 0n ? undefined : (address.toLowerCase() as Address)
  } catch (cause) {
    const error = chainError(cause, `looking up ${name}`)
    if (error.code === 'rpc_unreachable') throw error
    throw new ChainError('no_contract', `there is no Livepeer Controller at ${controller} on this chain`, { cause })
  }
}

/** A URL without credentials, path secrets or query, fit for messages: RPC URLs often carry an API key. */
export function redactUrl(url: string): string {
  try {
    return new URL(url).origin
  } catch {
    return '(not a URL)'
  }
}

/** A block as the protocol counts: on Arbitrum `number` is the L1 number, elsewhere the chain's own. */
export type Head = {
  readonly number: bigint
  /** The number by which this chain itself finds the block and its logs. */
  readonly chainNumber: bigint
  readonly hash: `0x${string}`
  readonly parentHash: `0x${string}`
  readonly timestampMs: number
}

type RawBlock = {
  readonly number: `0x${string}`
  readonly l1BlockNumber?: `0x${string}`
  readonly hash: `0x${string}`
  readonly parentHash: `0x${string}`
  readonly timestamp: `0x${string}`
}

/** The latest block. The field `l1BlockNumber` of Arbitrum's blocks wins over `number` where it is present. */
export const getHead = (client: ChainClient): Promise<Head> => readBlock(client, 'latest')

/** The block that the chain itself gives this number. */
export const headAt = (client: ChainClient, chainNumber: bigint): Promise<Head> =>
  readBlock(client, numberToHex(chainNumber))

async function readBlock(client: ChainClient, which: 'latest' | `0x${string}`): Promise<Head> {
  const what = which === 'latest' ? 'the latest block' : `block ${BigInt(which)}`
  let block: RawBlock | null
  try {
    block = (await client.rpc.request({
      method: 'eth_getBlockByNumber',
      params: [which, false],
    })) as unknown as RawBlock | null
  } catch (cause) {
    throw chainError(cause, `reading ${what}`)
  }
  if (!block) throw new ChainError('rpc_refused', `the Ethereum RPC does not know ${what}`, { retryable: true })
  return {
    number: BigInt(block.l1BlockNumber ?? block.number),
    chainNumber: BigInt(block.number),
    hash: block.hash,
    parentHash: block.parentHash,
    timestampMs: Number(BigInt(block.timestamp)) * 1000,
  }
}

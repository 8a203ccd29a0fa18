import type { Clock, Log } from '@millrace/base'
import { type ContractName, contractId, controllerAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import { createPublicClient, defineChain, numberToHex, type PublicClient } from 'viem'
import { ChainError, chainError } from './errors.ts'
import { arbitrumOne } from './networks/networks.ts'
import { RpcPool } from './rpc/rpc-pool.ts'
import { parseRpcUrls } from './rpc/rpc-urls.ts'

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
  /** Where the requests of `rpc` go, and those of whatever else talks to the chain. */
  readonly pool: RpcPool
  readonly chainId: number
  readonly addresses: NetworkAddresses
}

export type ConnectOptions = {
  /** RPCs of the same chain, in the order of preference, joined by commas. */
  readonly url: string
  readonly controller: Address
  /** When given, an RPC of another chain is refused. */
  readonly chainId?: number
}

/**
 * Connects to Ethereum RPCs and resolves the protocol's contracts through the Controller.
 * Throws `bad_rpc_url`, `rpc_unreachable`, `wrong_chain_id` or `no_contract`.
 */
export async function connectChain(
  options: ConnectOptions,
  deps: { readonly log?: Log; readonly clock?: Clock } = {},
): Promise<ChainClient> {
  const urls = parseRpcUrls(options.url)
  const pool = new RpcPool({ urls, chainId: options.chainId }, deps)
  // Somebody waits before a terminal: a URL with a mistake in it is told at once.
  const chainId = Number(await pool.request({ method: 'eth_chainId' }, { patienceMs: 500 }))
  const chain = defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: urls } },
  })
  const rpc = createPublicClient({ chain, transport: pool.transport(), cacheTime: 0 })
  return { rpc, pool, chainId, addresses: await readAddresses(rpc, options.controller) }
}

/** The contracts as the Controller names them now. Throws `rpc_unreachable`, `rpc_rate_limited` or `no_contract`. */
export async function readAddresses(rpc: PublicClient, controller: Address): Promise<NetworkAddresses> {
  const find = (name: ContractName) => findContract(rpc, controller, name)
  const need = (name: ContractName) => contractAddress(rpc, controller, name)
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
    controller,
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
  }
}

/** A contract that every network has. */
async function contractAddress(rpc: PublicClient, controller: Address, name: ContractName): Promise<Address> {
  const address = await findContract(rpc, controller, name)
  if (!address)
    throw new ChainError(
      'no_contract',
      `the Controller at ${controller} knows no contract named ${name}: check the address and the chain`,
    )
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
    if (error.code === 'rpc_unreachable' || error.code === 'rpc_rate_limited') throw error
    throw new ChainError(
      'no_contract',
      `there is no Livepeer Controller at ${controller} on this chain: check the address and the RPC`,
      { cause },
    )
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
  // Rounds and tickets count L1 blocks there: the chain's own number, many times as high, would expire every ticket at once.
  if (client.chainId === arbitrumOne.chainId && block.l1BlockNumber === undefined)
    throw new ChainError(
      'rpc_refused',
      `the Ethereum RPC leaves l1BlockNumber out of ${what}: use an RPC of Arbitrum`,
      {
        retryable: true,
      },
    )
  return {
    number: BigInt(block.l1BlockNumber ?? block.number),
    chainNumber: BigInt(block.number),
    hash: block.hash,
    parentHash: block.parentHash,
    timestampMs: Number(BigInt(block.timestamp)) * 1000,
  }
}

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Log, MillraceError } from '@millrace/base'
import { writeFileAtomic } from '@millrace/base/node'
import { type BridgeAddresses, type BridgeOptions, deployBridge, devnet } from '@millrace/contracts/deploy'
import { createPublicClient, createWalletClient, defineChain, http } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { EmbeddedChain } from '../embedded-chain.ts'
import { type DevnetAccount, devnetKeyHex } from '../genesis/accounts.ts'
import { emptyGenesis } from './empty-genesis.ts'
import { BridgeRelayer } from './relayer.ts'

export type StartPairOptions = {
  /** Where both chains keep their state and the addresses between runs. */
  readonly folder: string
  readonly host?: string
  /** 0 lets the system choose. */
  readonly ports?: { readonly l1: number; readonly l2: number }
  readonly blockTimeMs?: number
  readonly challengePeriodSeconds?: bigint
  readonly pollMs?: number
  /** Parameters of both protocols; those of the embedded network if left out. */
  readonly parameters?: BridgeOptions['parameters']
  readonly l1Allocations?: BridgeOptions['l1Allocations']
  readonly l2Allocations?: BridgeOptions['l2Allocations']
}

/** Chain ids of a pair. Layer 2 is the one that nodes use, so it has that of the embedded network. */
export const PAIR_CHAIN_IDS = { l1: 31338, l2: 31337 } as const

/** Who deploys and who relays on both chains of a pair. */
export const PAIR_ACCOUNTS = { deployer: 'deployer', relayer: 'redeemer1' } as const satisfies Record<
  string,
  DevnetAccount
>

const ADDRESSES = 'addresses.json'

/** Two embedded chains, the LPT bridge between them and a relayer that stands in for Arbitrum. */
export class ChainPair implements AsyncDisposable {
  readonly l1: EmbeddedChain
  readonly l2: EmbeddedChain
  readonly addresses: BridgeAddresses
  readonly relayer: BridgeRelayer

  private constructor(parts: Pick<ChainPair, 'l1' | 'l2' | 'addresses' | 'relayer'>) {
    this.l1 = parts.l1
    this.l2 = parts.l2
    this.addresses = parts.addresses
    this.relayer = parts.relayer
  }

  /** Starts both chains, sets them up if the folder is new, and relays; what was started is ended if that fails. */
  static async start(
    options: StartPairOptions,
    deps: { readonly log: Log; readonly onDeath?: (error: MillraceError) => void },
  ): Promise<ChainPair> {
    const { folder, ports = { l1: 0, l2: 0 } } = options
    const open = (layer: 'l1' | 'l2') =>
      new EmbeddedChain(
        {
          folder: join(folder, layer),
          host: options.host ?? '127.0.0.1',
          port: ports[layer],
          chainId: PAIR_CHAIN_IDS[layer],
          genesis: async () => emptyGenesis(),
          ...(options.blockTimeMs === undefined ? {} : { blockTimeMs: options.blockTimeMs }),
        },
        deps,
      )
    const [l1, l2] = [open('l1'), open('l2')]
    try {
      await Promise.all([l1.start(), l2.start()])
      const addresses = await setUp(options, { l1, l2 })
      const relayer = openRelayer(options, { l1, l2, addresses }, deps)
      await relayer.start()
      return new ChainPair({ l1, l2, addresses, relayer })
    } catch (error) {
      await Promise.all([l1.crash(), l2.crash()])
      throw error
    }
  }

  /** Ends the relayer and then the chains, which keep their state. */
  async stop(): Promise<void> {
    await this.relayer.stop()
    await Promise.all([this.l1.stop(), this.l2.stop()])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

function openRelayer(
  options: StartPairOptions,
  { l1, l2, addresses }: Pick<ChainPair, 'l1' | 'l2' | 'addresses'>,
  deps: { readonly log: Log; readonly onDeath?: (error: MillraceError) => void },
): BridgeRelayer {
  const { inbox, bridge, outbox } = addresses.l1
  if (!bridge || !outbox)
    throw new MillraceError('pair_damaged', `${options.folder} holds no pair of chains: start with another folder`)
  return new BridgeRelayer(
    {
      l1Url: l1.url,
      l2Url: l2.url,
      account: privateKeyToAccount(devnetKeyHex(PAIR_ACCOUNTS.relayer)),
      addresses: { inbox, bridge, outbox },
      startBlocks: { l1: addresses.l1.protocol.deployedAtBlock, l2: addresses.l2.protocol.deployedAtBlock },
      ...(options.pollMs === undefined ? {} : { pollMs: options.pollMs }),
    },
    { log: deps.log, ...(deps.onDeath ? { onFailure: deps.onDeath } : {}) },
  )
}

/** Deploys everything, or reads where it stands. */
async function setUp(options: StartPairOptions, chains: Pick<ChainPair, 'l1' | 'l2'>): Promise<BridgeAddresses> {
  const path = join(options.folder, ADDRESSES)
  if (existsSync(path)) return parseAddresses(await readFile(path, 'utf8'))
  const account = privateKeyToAccount(devnetKeyHex(PAIR_ACCOUNTS.deployer))
  const deployer = (layer: 'l1' | 'l2') => {
    const chain = defineChain({
      id: PAIR_CHAIN_IDS[layer],
      name: `millrace ${layer}`,
      nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
      rpcUrls: { default: { http: [chains[layer].url] } },
    })
    const transport = http(chains[layer].url)
    return {
      publicClient: createPublicClient({ transport, chain, pollingInterval: 50 }),
      walletClient: createWalletClient({ transport, chain, account }),
      gasPrice: 1n,
    }
  }
  const addresses = await deployBridge({
    l1: deployer('l1'),
    l2: deployer('l2'),
    parameters: options.parameters ?? devnet,
    messenger: {
      relayer: privateKeyToAccount(devnetKeyHex(PAIR_ACCOUNTS.relayer)).address,
      challengePeriodSeconds: options.challengePeriodSeconds ?? 10n,
    },
    ...(options.l1Allocations ? { l1Allocations: options.l1Allocations } : {}),
    ...(options.l2Allocations ? { l2Allocations: options.l2Allocations } : {}),
  })
  // The addresses must not outlive contracts that were not saved.
  await Promise.all([chains.l1.dump(), chains.l2.dump()])
  await writeFileAtomic(path, Buffer.from(toJson(addresses)))
  return addresses
}

/** Where a pair answers and its contracts stand, as JSON; block numbers are decimal strings. */
export const formatPair = ({ l1, l2, addresses }: Pick<ChainPair, 'l1' | 'l2' | 'addresses'>): string =>
  toJson({ urls: { l1: l1.url, l2: l2.url }, chainIds: PAIR_CHAIN_IDS, ...addresses })

const toJson = (value: unknown): string =>
  `${JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner), 2)}\n`

const parseAddresses = (text: string): BridgeAddresses =>
  JSON.parse(text, (key, value) => (key === 'deployedAtBlock' ? BigInt(value) : value)) as BridgeAddresses

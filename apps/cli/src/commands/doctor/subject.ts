import type { Rational } from '@millrace/base'
import { type ChainClient, connectChain } from '@millrace/chain'
import { openKeyAt, type UnlockedKey } from '@millrace/chain/node'
import type { NetworkConfig, NodeConfig } from '@millrace/node'
import type { Address } from '@millrace/wire'
import type { Role } from '../../flags/flag.ts'
import { needs } from './finding.ts'
import { weiPerPixel } from './read-price.ts'

export const CHECK_KEYSTORE = 'keystore'
export const CHECK_CONTRACTS = 'contracts'

export type ChainConfig = Extract<NetworkConfig, { kind: 'chain' }>

/** A set-up that is being looked at: what the flags came to, and what several checks need. */
export class Subject {
  readonly roles: readonly Role[]
  readonly config: NodeConfig
  readonly dataFolder: string
  #key: Promise<UnlockedKey> | undefined
  #client: Promise<ChainClient> | undefined

  constructor(options: { readonly roles: readonly Role[]; readonly config: NodeConfig; readonly dataFolder: string }) {
    this.roles = options.roles
    this.config = options.config
    this.dataFolder = options.dataFolder
  }

  get chain(): ChainConfig | undefined {
    return this.config.network.kind === 'chain' ? this.config.network : undefined
  }

  /** Opens the key once; makes none. Throws `keystore_unreadable` or a disk error. */
  openKey(): Promise<UnlockedKey> {
    const { keystore, keystorePassword, folder } = this.config
    const at = keystore ?? { path: `${folder}/keystore` }
    this.#key ??= openKeyAt(at.path, keystorePassword ?? '', { ...at, create: false })
    return this.#key
  }

  /** Connects once. Throws what `connectChain` throws. */
  connect(): Promise<ChainClient> {
    const { ethUrl: url, controller, chainId } = this.chain!
    this.#client ??= connectChain({ url, controller, ...(chainId === undefined ? {} : { chainId }) })
    return this.#client
  }

  /** The connection, for checks that come after that of the contracts. */
  client = (): Promise<ChainClient> => this.connect().catch(() => Promise.reject(needs(CHECK_CONTRACTS)))

  /** The key, for checks that come after that of the keystore. */
  key = (): Promise<UnlockedKey> => this.openKey().catch(() => Promise.reject(needs(CHECK_KEYSTORE)))

  /** The most that the gateway, or a signer for others, pays, in wei per pixel; undefined without a limit. */
  async maxPrice(): Promise<Rational | undefined> {
    const { maxPricePerPixel: pricePerPixel, maxPriceCurrency: currency } =
      this.config.gateway ?? this.config.signer ?? {}
    if (pricePerPixel === undefined || currency === undefined) return pricePerPixel
    return weiPerPixel(await this.client(), this.chain!, { pricePerPixel, currency })
  }

  /** The account that tickets are for: -ethOrchAddr, or the key's own. */
  async orchestrator(): Promise<Address> {
    return this.config.orchestrator?.address ?? (await this.key()).address
  }
}

import type { NetworkConfig, NodeConfig } from '@millrace/node'
import type { Address } from '@millrace/wire'
import type { FlagName } from '../flags/flag-table.ts'
import { badFlag, type Flags } from '../flags/flags.ts'
import { missing } from '../flags/read-flags.ts'
import { ethAddress } from './addresses.ts'
import { secretText } from './secret-text.ts'

/** The embedded network looks for blocks as often as `millrace up` does. */
const DEVNET_POLL_MS = 250
const DEVNET_URL = 'http://127.0.0.1:8545'

/** The network of -network with everything an account does there; off chain the code of chains is not even loaded. Throws `flag_missing` for what a chain needs and nobody gave. */
export async function networkConfig(flags: Flags): Promise<NetworkConfig> {
  const name = flags.text('network')
  if (name === 'offchain') return { kind: 'offchain' }
  const devnet = name === 'devnet'
  const { arbitrumOne } = await import('@millrace/chain')
  const { controller, chainId } = await contractsOf(name, flags)
  return {
    kind: 'chain',
    ethUrl: rpcUrl(flags, devnet ? DEVNET_URL : undefined),
    controller,
    ...(chainId === undefined ? {} : { chainId }),
    pollMs:
      devnet && !flags.isSet('blockPollingInterval') ? DEVNET_POLL_MS : flags.count('blockPollingInterval', 1) * 1000,
    payments: devnet ? 'devnet' : 'livepeer',
    ...priceFeed(flags, name === arbitrumOne.name),
    tickets: ticketLimits(flags),
    transactions: {
      ...(flags.isSet('minGasPrice') && { minGasPriceWei: flags.wei('minGasPrice') }),
      ...(flags.wei('maxGasPrice') > 0n && { maxGasPriceWei: flags.wei('maxGasPrice') }),
      timeoutMs: Math.max(1, flags.durationMs('transactionTimeout')),
      maxReplacements: flags.count('maxTransactionReplacements'),
      ...(flags.count('gasLimit') > 0 && { gasLimit: BigInt(flags.count('gasLimit')) }),
    },
  }
}

/** The feed of the flag's default is on Arbitrum One; elsewhere one must be named. */
const priceFeed = (flags: Flags, hasStandard: boolean): { readonly priceFeed?: Address } =>
  hasStandard || flags.isSet('priceFeedAddr')
    ? { priceFeed: ethAddress('priceFeedAddr', flags.text('priceFeedAddr')) }
    : {}

/** Where the key is, and what opens it. go-livepeer makes an account in an empty folder of its own; so does this, where a password is given. */
export function keystoreConfig(flags: Flags, dataFolder: string): Pick<NodeConfig, 'keystore' | 'keystorePassword'> {
  const path = flags.optional('ethKeystorePath')
  const account = flags.optional('ethAcctAddr')
  const password = flags.optional('ethPassword')
  return {
    keystore: {
      path: path ?? `${dataFolder}/keystore`,
      ...(account !== undefined && { account: ethAddress('ethAcctAddr', account) }),
      create: path === undefined && password !== undefined,
    },
    ...(password !== undefined && { keystorePassword: secretText(password, 'ethPassword') }),
  }
}

async function contractsOf(
  name: string,
  flags: Flags,
): Promise<{ readonly controller: Address; readonly chainId?: number }> {
  const { arbitrumOne, DEVNET_CHAIN_ID } = await import('@millrace/chain')
  const text = flags.optional('ethController')
  const own = text === undefined ? undefined : ethAddress('ethController', text)
  if (name === arbitrumOne.name) return { controller: own ?? arbitrumOne.controller, chainId: arbitrumOne.chainId }
  if (name === 'devnet') return { controller: own ?? (await embeddedController()), chainId: DEVNET_CHAIN_ID }
  if (own === undefined)
    throw missing(
      'ethController',
      `the network ${JSON.stringify(name.slice(0, 40))} has no contracts known here; known are offchain, ${arbitrumOne.name} and devnet`,
    )
  return { controller: own, ...(name === 'mainnet' && { chainId: 1 }) }
}

/** Loaded only when it is asked for: most nodes never need the embedded network. */
async function embeddedController(): Promise<Address> {
  const { preparedNetwork } = await import('@millrace/devnet')
  return (await preparedNetwork()).controller
}

function rpcUrl(flags: Flags, standard: string | undefined): string {
  const text = flags.optional('ethUrl') ?? standard
  if (text === undefined)
    throw missing('ethUrl', `the network ${flags.text('network')} is a chain: name its JSON-RPC URL`)
  // The URL is never repeated: it may hold an API key.
  const urls = text.split(',').map((url) => url.trim())
  if (!urls.every((url) => /^https?:\/\/[^/]/i.test(url) && URL.canParse(url)))
    throw badFlag('ethUrl', 'an address that begins with http:// or https://', '(not shown)')
  return text
}

function ticketLimits(flags: Flags): NonNullable<Extract<NetworkConfig, { kind: 'chain' }>['tickets']> {
  const wei = (name: FlagName) => (flags.isSet(name) ? flags.wei(name) : undefined)
  const [ticketEvWei, maxTicketEvWei, maxTotalEvWei] = [wei('ticketEV'), wei('maxTicketEV'), wei('maxTotalEV')]
  if (ticketEvWei === 0n) throw badFlag('ticketEV', 'above 0', '0')
  const maxFaceValueWei = flags.wei('maxFaceValue')
  return {
    ...(ticketEvWei !== undefined && { ticketEvWei }),
    ...(maxTicketEvWei !== undefined && { maxTicketEvWei }),
    ...(maxTotalEvWei !== undefined && { maxTotalEvWei }),
    ...(flags.isSet('depositMultiplier') && { depositMultiplier: BigInt(flags.count('depositMultiplier', 1)) }),
    ...(maxFaceValueWei > 0n && { maxFaceValueWei }),
  }
}

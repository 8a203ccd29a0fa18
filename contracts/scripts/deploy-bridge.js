#!/usr/bin/env node
// Deploys the protocol and its LPT bridge to two chains and prints the addresses as JSON:
//   node contracts/scripts/deploy-bridge.js --l1-rpc http://127.0.0.1:8545 --l2-rpc http://127.0.0.1:8546 --key-file key.txt
//     [--network devnet|arbitrumOne] [--gas-price WEI] [--treasury 0x…]
// Between development chains, stand-ins carry the messages; layer 2 must be a node with anvil_setCode:
//     [--relayer 0x…, else the deployer] [--challenge-period SECONDS, else 10]
// Between Ethereum and one of Arbitrum's chains, Arbitrum's own contracts do:
//     --inbox 0x… --l1-router 0x… --l2-router 0x…
import { createPublicClient, createWalletClient, http, isAddress } from 'viem'
import { scriptOptions } from '../../scripts/script-options.js'
import { arbitrumOne, deployBridge, devnet } from '../dist/deploy.js'
import { accountOfFile } from './key-file.js'

const { values, fail } = scriptOptions(import.meta.url, {
  'l1-rpc': { type: 'string' },
  'l2-rpc': { type: 'string' },
  'key-file': { type: 'string' },
  network: { type: 'string', default: 'devnet' },
  'gas-price': { type: 'string' },
  treasury: { type: 'string' },
  relayer: { type: 'string' },
  'challenge-period': { type: 'string' },
  inbox: { type: 'string' },
  'l1-router': { type: 'string' },
  'l2-router': { type: 'string' },
})
const parameters = { devnet, arbitrumOne }[values.network]
for (const layer of ['l1', 'l2'])
  if (!values[`${layer}-rpc`]) fail(`name the chain of layer ${layer[1]} with --${layer}-rpc`)
if (!parameters) fail(`--network is devnet or arbitrumOne, not ${values.network}`)
for (const name of ['treasury', 'relayer', 'inbox', 'l1-router', 'l2-router'])
  if (values[name] !== undefined && !isAddress(values[name])) fail(`--${name} must be an address, not ${values[name]}`)
for (const name of ['gas-price', 'challenge-period'])
  if (values[name] !== undefined && !/^\d+$/.test(values[name]))
    fail(`--${name} must be a whole number, not ${values[name]}`)
const { inbox, treasury, relayer } = values
if (inbox && (relayer || values['challenge-period']))
  fail('--inbox is for chains without a relayer: leave --relayer out')
if (inbox && !(values['l1-router'] && values['l2-router'])) fail('--inbox needs --l1-router and --l2-router')

const account = accountOfFile(values['key-file'], fail)

const deployer = (url) => ({
  publicClient: createPublicClient({ transport: http(url), pollingInterval: 100 }),
  walletClient: createWalletClient({ transport: http(url), account }),
  ...(values['gas-price'] === undefined ? {} : { gasPrice: BigInt(values['gas-price']) }),
})
try {
  const addresses = await deployBridge({
    l1: deployer(values['l1-rpc']),
    l2: deployer(values['l2-rpc']),
    parameters,
    messenger: inbox
      ? { inbox, l1Router: values['l1-router'], l2Router: values['l2-router'] }
      : { relayer: relayer ?? account.address, challengePeriodSeconds: BigInt(values['challenge-period'] ?? 10) },
    ...(treasury === undefined ? {} : { treasury }),
  })
  process.stdout.write(
    `${JSON.stringify(addresses, (_, value) => (typeof value === 'bigint' ? String(value) : value), 2)}\n`,
  )
} catch (error) {
  fail(error.shortMessage ?? error.message)
}

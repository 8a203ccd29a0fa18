#!/usr/bin/env node
// Deploys the protocol to a chain and prints its addresses as JSON:
//   node contracts/scripts/deploy.js --rpc http://127.0.0.1:8545 --key-file key.txt [--network devnet|arbitrumOne] [--gas-price WEI] [--treasury 0x… | --owner deployer|governor|treasury [--governor-owner 0x…]] [--verifier]
// --verifier registers the UNAUDITED contract by which orchestrators can be slashed.
import { createPublicClient, createWalletClient, http, isAddress } from 'viem'
import { scriptOptions } from '../../scripts/script-options.js'
import { arbitrumOne, deployProtocol, devnet, strictVerification, strictVerificationOnDevnet } from '../dist/deploy.js'
import { accountOfFile } from './key-file.js'

const { values, fail } = scriptOptions(import.meta.url, {
  rpc: { type: 'string' },
  'key-file': { type: 'string' },
  network: { type: 'string', default: 'devnet' },
  'gas-price': { type: 'string' },
  treasury: { type: 'string' },
  owner: { type: 'string' },
  'governor-owner': { type: 'string' },
  verifier: { type: 'boolean', default: false },
})
const { rpc, network, treasury, owner = 'deployer', 'governor-owner': governorOwner } = values
const parameters = { devnet, arbitrumOne }[network]
const disputes = { devnet: strictVerificationOnDevnet, arbitrumOne: strictVerification }[network]
if (!rpc) fail('name the chain with --rpc')
if (!parameters) fail(`--network is devnet or arbitrumOne, not ${network}`)
if (treasury !== undefined && !isAddress(treasury)) fail(`--treasury must be an address, not ${treasury}`)
if (treasury !== undefined && values.owner !== undefined)
  fail('--owner needs a treasury that stakers govern: leave --treasury out')
if (!['deployer', 'governor', 'treasury'].includes(owner))
  fail(`--owner is deployer, governor or treasury, not ${owner}`)
if (governorOwner !== undefined && owner !== 'governor') fail('--governor-owner needs --owner governor')
if (governorOwner !== undefined && !isAddress(governorOwner))
  fail(`--governor-owner must be an address, not ${governorOwner}`)
const gasPrice = values['gas-price']
if (gasPrice !== undefined && !/^\d+$/.test(gasPrice))
  fail(`--gas-price must be a whole number of wei, not ${gasPrice}`)

const account = accountOfFile(values['key-file'], fail)

const transport = http(rpc)
try {
  const addresses = await deployProtocol({
    publicClient: createPublicClient({ transport, pollingInterval: 100 }),
    walletClient: createWalletClient({ transport, account }),
    parameters,
    ...(treasury === undefined ? { governance: { owner, ...(governorOwner ? { governorOwner } : {}) } } : { treasury }),
    ...(values.verifier ? { verifier: disputes } : {}),
    ...(gasPrice === undefined ? {} : { gasPrice: BigInt(gasPrice) }),
  })
  process.stdout.write(
    `${JSON.stringify(addresses, (_, value) => (typeof value === 'bigint' ? String(value) : value), 2)}\n`,
  )
} catch (error) {
  fail(error.shortMessage ?? error.message)
}

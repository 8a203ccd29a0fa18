#!/usr/bin/env node
// Makes the first 10,000,000 LPT and prints where they are as JSON:
//   node contracts/scripts/genesis.js --rpc http://127.0.0.1:8545 --key-file key.txt --plan plan.json --token-owner 0x… [--token 0x…]
// Without --token a LivepeerTokenL1 is deployed first; with it, the key's account must own that token.
// The plan names who gets what; docs/concepts/governance.md of this repository shows its form. With --proofs FILE the
// proof of each claim of the crowd is written there.
import { readFileSync, writeFileSync } from 'node:fs'
import { createPublicClient, createWalletClient, http, isAddress } from 'viem'
import { scriptOptions } from '../../scripts/script-options.js'
import { claimLeaf, merkleTree, parsePlan, runGenesis } from '../dist/genesis/index.js'
import { accountOfFile } from './key-file.js'

const { values, fail } = scriptOptions(import.meta.url, {
  rpc: { type: 'string' },
  'key-file': { type: 'string' },
  plan: { type: 'string' },
  token: { type: 'string' },
  'token-owner': { type: 'string' },
  proofs: { type: 'string' },
})
const json = (value) => JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part), 2)
const { rpc, token, 'token-owner': tokenOwner } = values
if (!rpc) fail('name the chain with --rpc')
if (!values.plan) fail('name the file that says who gets what with --plan')
if (token !== undefined && !isAddress(token)) fail(`--token must be an address, not ${token}`)
if (!tokenOwner || !isAddress(tokenOwner)) fail('name who owns the token afterwards with --token-owner')

const account = accountOfFile(values['key-file'], fail)

const transport = http(rpc)
try {
  const plan = parsePlan(readFileSync(values.plan, 'utf8'))
  const result = await runGenesis({
    publicClient: createPublicClient({ transport, pollingInterval: 100 }),
    walletClient: createWalletClient({ transport, account }),
    tokenOwner,
    plan,
    ...(token === undefined ? {} : { token }),
  })
  if (values.proofs) {
    const tree = merkleTree(plan.crowd.map(claimLeaf))
    writeFileSync(values.proofs, json(plan.crowd.map((claim, index) => ({ ...claim, proof: tree.proof(index) }))))
  }
  process.stdout.write(`${json(result)}\n`)
} catch (error) {
  fail(error.shortMessage ?? error.message)
}

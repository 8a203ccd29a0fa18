import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createPublicClient, http } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contractId } from './contract-ids.ts'
import { controllerAbi, roundsManagerAbi, verifierAbi } from './generated/abis.ts'
import { type Anvil, startAnvil } from './testing/anvil.ts'

const SCRIPT = fileURLToPath(new URL('../scripts/deploy.js', import.meta.url))
/** The first key of the well-known test mnemonic, which anvil funds. */
const KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'

const TREASURY = '0x00000000000000000000000000000000000000f1'

describe('the deploy script', () => {
  let anvil: Anvil
  let folder: string
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 })
    return join(folder, name)
  }
  const run = (...args: string[]) =>
    new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) => {
      const child = spawn(process.execPath, [SCRIPT, ...args])
      let [stdout, stderr] = ['', '']
      child.stdout.on('data', (chunk) => {
        stdout += chunk
      })
      child.stderr.on('data', (chunk) => {
        stderr += chunk
      })
      child.once('close', (status) => resolve({ status, stdout, stderr }))
    })

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-deploy-'))
    anvil = await startAnvil(['--block-time', '1'])
  })
  afterAll(async () => {
    await anvil?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  it('shows with --help what it can do', async () => {
    const { status, stdout, stderr } = await run('--help')
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toContain('node contracts/scripts/deploy.js --rpc')
  })

  it('deploys a network and prints where its contracts are', async () => {
    const ended = await run(
      '--rpc',
      anvil.url,
      '--key-file',
      file('key', `${KEY}\n`),
      '--network',
      'devnet',
      '--owner',
      'governor',
      '--verifier',
    )
    expect(ended.stderr).toBe('')
    const addresses = JSON.parse(ended.stdout)
    const client = createPublicClient({ transport: http(anvil.url) })
    const length = await client.readContract({
      address: addresses.roundsManager,
      abi: roundsManagerAbi,
      functionName: 'roundLength',
    })
    expect(length).toBe(60n)
    const owner = await client.readContract({
      address: addresses.controller,
      abi: controllerAbi,
      functionName: 'owner',
    })
    expect(owner).toBe(addresses.governor)
    expect(addresses.targets.livepeerGovernor).toMatch(/^0x/)
    const registered = await client.readContract({
      address: addresses.controller,
      abi: controllerAbi,
      functionName: 'getContract',
      args: [contractId('Verifier')],
    })
    expect(registered).toBe(addresses.verifier)
    const { seats } = await client.readContract({
      address: addresses.verifier,
      abi: verifierAbi,
      functionName: 'currentParameters',
    })
    expect(seats).toBe(101)
  }, 30_000)

  it.each([
    ['no chain', () => ['--key-file', file('key', KEY)], /name the chain with --rpc/],
    ['no key', () => ['--rpc', anvil.url], /--key-file/],
    [
      'a file without a key',
      () => ['--rpc', anvil.url, '--key-file', file('bad', 'secret words')],
      /does not hold a private key/,
    ],
    [
      'an unknown network',
      () => ['--rpc', anvil.url, '--key-file', file('key', KEY), '--network', 'moon'],
      /devnet or arbitrumOne, not moon/,
    ],
    [
      'an unknown owner',
      () => ['--rpc', anvil.url, '--key-file', file('key', KEY), '--owner', 'nobody'],
      /deployer, governor or treasury, not nobody/,
    ],
    [
      'an owner by votes where the treasury is an account',
      () => ['--rpc', anvil.url, '--key-file', file('key', KEY), '--treasury', TREASURY, '--owner', 'treasury'],
      /leave --treasury out/,
    ],
    [
      'an owner for a governor that is not there',
      () => ['--rpc', anvil.url, '--key-file', file('key', KEY), '--governor-owner', TREASURY],
      /needs --owner governor/,
    ],
    [
      'a chain that does not answer',
      () => ['--rpc', 'http://127.0.0.1:1', '--key-file', file('key', KEY)],
      /^deploy: /,
    ],
  ] as const)(
    'says what is wrong with %s, and never the key',
    async (_, args, sentence) => {
      const ended = await run(...args())
      expect(ended.status).toBe(1)
      expect(ended.stderr).toMatch(sentence)
      expect(ended.stderr).not.toContain('secret words')
      expect(ended.stderr).not.toContain(KEY.slice(2))
    },
    30_000,
  )
})

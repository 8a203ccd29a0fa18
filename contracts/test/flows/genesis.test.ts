import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type Abi,
  type Account,
  type Address,
  createPublicClient,
  createTestClient,
  createWalletClient,
  type Hex,
  http,
  parseEther,
} from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { genesisAbi, genesisClaimsAbi, livepeerTokenL1Abi, tokenVestingAbi } from '../../ts/generated/abis.ts'
import { livepeerTokenL1Bytecode } from '../../ts/generated/bytecode.ts'
import { claimLeaf, type GenesisPlan, type GenesisResult, merkleTree, runGenesis } from '../../ts/genesis/index.ts'
import { type Anvil, startAnvil } from '../../ts/testing/anvil.ts'
import { people } from './network.ts'

const { deployer, olive, otto, dora, dan, spe, multisig } = people
const [day, year] = [86_400n, 31_536_000n]
const start = 2_000_000_000n

const crowd = [
  { account: olive.address, amount: parseEther('2000000') },
  { account: otto.address, amount: parseEther('4000000.5') },
  { account: dora.address, amount: parseEther('343699.5') },
]
const plan: GenesisPlan = {
  crowd,
  company: [{ account: multisig.address, amount: parseEther('500000') }],
  team: [
    { account: dan.address, amount: parseEther('735000'), start, cliffSeconds: year, durationSeconds: 4n * year },
    { account: spe.address, amount: parseEther('500000'), start, cliffSeconds: 0n, durationSeconds: 10n * day },
  ],
  investors: [
    { account: dora.address, amount: parseEther('1900000'), start, cliffSeconds: 180n * day, durationSeconds: year },
  ],
  community: [{ account: spe.address, amount: parseEther('21300') }],
}

let anvil: Anvil
beforeAll(async () => {
  anvil = await startAnvil(['--gas-price', '0', '--block-base-fee-per-gas', '0'])
})
afterAll(() => anvil?.[Symbol.asyncDispose]())

const chain = () => {
  const transport = http(anvil.url)
  return {
    transport,
    publicClient: createPublicClient({ transport, pollingInterval: 20, cacheTime: 0 }),
    walletClient: createWalletClient({ transport, account: deployer }),
    testClient: createTestClient({ transport, mode: 'anvil' }),
  }
}

async function deployToken(): Promise<Address> {
  const { publicClient, walletClient } = chain()
  const code = { abi: livepeerTokenL1Abi, bytecode: livepeerTokenL1Bytecode }
  const hash = await walletClient.deployContract({ ...code, chain: null })
  return (await publicClient.waitForTransactionReceipt({ hash })).contractAddress!
}

const read = async <T>(address: Address, abi: Abi | readonly unknown[], functionName: string, args: unknown[] = []) =>
  (await chain().publicClient.readContract({ address, abi, functionName, args } as never)) as T

async function send(from: Account, address: Address, abi: readonly unknown[], functionName: string, args: unknown[]) {
  const { publicClient, transport } = chain()
  const call = { address, abi, functionName, args, account: from, chain: null } as never
  await publicClient.simulateContract(call)
  // With automine a receipt can be seen a moment before the state that goes with it.
  await anvil.rpc.request('evm_setAutomine', false)
  const hash = await createWalletClient({ transport, account: from }).writeContract(call)
  await anvil.rpc.request('evm_mine')
  await anvil.rpc.request('evm_setAutomine', true)
  expect((await publicClient.getTransactionReceipt({ hash })).status, functionName).toBe('success')
}

describe('the first ten million LPT', () => {
  let lpt: Address
  let result: GenesisResult
  const balance = (who: Address) => read<bigint>(lpt, livepeerTokenL1Abi, 'balanceOf', [who])
  const proof = (index: number) => [...merkleTree(crowd.map(claimLeaf)).proof(index)]

  beforeAll(async () => {
    result = await runGenesis({ ...chain(), tokenOwner: multisig.address, plan })
    lpt = result.token
  })

  test('are all made, and the token goes to its owner', async () => {
    expect(await read(lpt, livepeerTokenL1Abi, 'totalSupply')).toBe(parseEther('10000000'))
    expect(await read(lpt, livepeerTokenL1Abi, 'owner')).toBe(multisig.address)
    expect(await read(result.genesis, genesisAbi, 'finished')).toBe(true)
    expect(await balance(result.claims)).toBe(parseEther('6343700'))
    expect(await balance(multisig.address)).toBe(parseEther('500000'))
    expect(await balance(spe.address)).toBe(parseEther('21300'))
    expect(result.vestings.map(({ beneficiary, amount }) => [beneficiary, amount])).toEqual([
      [dan.address, parseEther('735000')],
      [spe.address, parseEther('500000')],
      [dora.address, parseEther('1900000')],
    ])
    await expect(send(deployer, lpt, livepeerTokenL1Abi, 'mint', [deployer.address, 1n])).rejects.toThrow()
  })

  test('are claimed by proof, once', async () => {
    expect(await read(result.claims, genesisClaimsAbi, 'root')).toBe(result.root)
    const claim = (index: number, amount: bigint) => [crowd[index]!.account, amount, proof(index)]
    await expect(
      send(olive, result.claims, genesisClaimsAbi, 'claim', claim(0, parseEther('2000001'))),
    ).rejects.toThrow('NotInTree')
    for (const [index, { account, amount }] of crowd.entries()) {
      const before = await balance(account)
      await send(dan, result.claims, genesisClaimsAbi, 'claim', claim(index, amount))
      expect(await balance(account)).toBe(before + amount)
    }
    await expect(send(olive, result.claims, genesisClaimsAbi, 'claim', claim(0, crowd[0]!.amount))).rejects.toThrow(
      'AlreadyClaimed',
    )
    expect(await balance(result.claims)).toBe(0n)
  })

  test('vest after the cliff, with time, to the last unit', async () => {
    const { testClient } = chain()
    const [team] = result.vestings
    const release = async (time: bigint) => {
      await testClient.setNextBlockTimestamp({ timestamp: time })
      await send(otto, team!.vesting, tokenVestingAbi, 'release', [lpt])
      return balance(dan.address)
    }
    expect(await release(start + year - 1n)).toBe(0n)
    expect(await release(start + year)).toBe(parseEther('735000') / 4n)
    expect(await release(start + 2n * year)).toBe(parseEther('735000') / 2n)
    expect(await release(start + 4n * year)).toBe(parseEther('735000'))
    for (const { vesting } of result.vestings.slice(1)) {
      await send(otto, vesting, tokenVestingAbi, 'release', [lpt])
      expect(await balance(vesting)).toBe(0n)
    }
  })

  test('are in the end with those whom the plan names, and nowhere else', async () => {
    const planned = new Map<Address, bigint>()
    for (const { account, amount } of Object.values(plan).flat())
      planned.set(account, (planned.get(account) ?? 0n) + amount)
    let sum = 0n
    for (const [account, amount] of planned) {
      expect(await balance(account), account).toBe(amount)
      sum += await balance(account)
    }
    expect(sum).toBe(10_000_000n * 10n ** 18n)
    expect(await read(lpt, livepeerTokenL1Abi, 'totalSupply')).toBe(sum)
  })
})

describe('the genesis script', () => {
  const script = fileURLToPath(new URL('../../scripts/genesis.js', import.meta.url))
  const key = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-genesis-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 })
    return join(folder, name)
  }
  const asJson = (value: unknown) =>
    JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part))
  const run = (planFile: string, ...more: string[]) => {
    const args = ['--rpc', anvil.url, '--key-file', file('key', key), '--plan', planFile, ...more]
    return spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' })
  }

  test('deploys the token, carries a plan out and writes the proofs', async () => {
    const proofs = join(folder, 'proofs.json')
    const owner = ['--token-owner', multisig.address]
    const { status, stdout, stderr } = run(file('plan.json', asJson(plan)), ...owner, '--proofs', proofs)
    expect(stderr).toBe('')
    expect(status).toBe(0)
    const { token, claims } = JSON.parse(stdout) as { token: Address; claims: Address }
    expect(await read(token, livepeerTokenL1Abi, 'symbol')).toBe('LPT')
    expect(await read(token, livepeerTokenL1Abi, 'owner')).toBe(multisig.address)
    const [first] = JSON.parse(readFileSync(proofs, 'utf8')) as { account: Address; amount: string; proof: Hex[] }[]
    const args = [first!.account, BigInt(first!.amount), first!.proof]
    await send(dan, claims, genesisClaimsAbi, 'claim', args)
    expect(await read(claims, genesisClaimsAbi, 'hasClaimed', [first!.account])).toBe(true)
    expect(await read(token, livepeerTokenL1Abi, 'balanceOf', [first!.account])).toBe(BigInt(first!.amount))
  })

  test('takes a token that is there already', async () => {
    const token = await deployToken()
    const tokens = ['--token', token, '--token-owner', multisig.address]
    const { status, stdout } = run(file('plan.json', asJson(plan)), ...tokens)
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ token })
    expect(await read(token, livepeerTokenL1Abi, 'totalSupply')).toBe(parseEther('10000000'))
  })

  test('refuses a plan that does not add up before it sends anything', async () => {
    const less = { ...plan, community: [{ account: spe.address, amount: 1n }] }
    const owner = ['--token-owner', multisig.address]
    const before = await chain().publicClient.getBlockNumber()
    const { status, stderr } = run(file('less.json', asJson(less)), ...owner)
    expect(status).toBe(1)
    expect(stderr).toMatch(
      /^genesis: community: the amounts add up to 1, they must add up to 21300000000000000000000$/m,
    )
    expect(await chain().publicClient.getBlockNumber()).toBe(before)
    expect(run(file('plan.json', asJson(plan)), '--token', 'LPT').stderr).toMatch(/--token must be an address, not LPT/)
    expect(run(file('plan.json', asJson(plan))).stderr).toMatch(/name who owns the token afterwards with --token-owner/)
  })
})

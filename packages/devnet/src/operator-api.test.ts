import { join } from 'node:path'
import { silentLog, toHex } from '@millrace/base'
import {
  bondingManager,
  type ChainClient,
  livepeerGovernor,
  livepeerToken,
  minter,
  poll,
  roundsManager,
  ticketBroker,
} from '@millrace/chain'
import { openKeystore } from '@millrace/chain/node'
import { livepeerTokenAbi, pollCreatorAbi } from '@millrace/contracts'
import { pollCreatorBytecode } from '@millrace/contracts/bytecode'
import { EventHub, type NodeConfig, type RunningNode, startNode } from '@millrace/node'
import { DEVNET_PRICE_PER_PIXEL } from '@millrace/payments'
import { type Address, checksumAddress, DEFAULT_LADDER, type NodeEvent, nodeId } from '@millrace/wire'
import {
  createWalletClient,
  encodeDeployData,
  encodeFunctionData,
  http,
  keccak256,
  recoverMessageAddress,
  recoverTypedDataAddress,
  stringToHex,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openChain, openFolder, type TestChain } from './chain-fixture.ts'
import { type DevnetAccount, devnetKey, devnetKeyHex } from './genesis/accounts.ts'
import { devnetAddress } from './genesis/addresses.ts'

const ETHER = 10n ** 18n
const LPT = 10n ** 18n
const listen = { host: '127.0.0.1', port: 0 }

let chain: TestChain
let client: ChainClient
let folder: Awaited<ReturnType<typeof openFolder>>
let orchestrator: RunningNode
let newcomer: RunningNode
let gateway: RunningNode
const events: NodeEvent[] = []

beforeAll(async () => {
  chain = await openChain()
  client = chain.client
  folder = await openFolder()
  const roles = { callReward: false, initializeRounds: false }
  const terms = { listen, pricePerPixel: DEVNET_PRICE_PER_PIXEL, maxSessions: 3, ...roles }
  // What stands on the chain already, so that the node does not publish its address by itself.
  orchestrator = await openNode('orchestrator1', { orchestrator: { ...terms, serviceUri: 'https://127.0.0.1:8935' } })
  newcomer = await openNode('redeemer1', { orchestrator: { ...terms, serviceUri: 'https://127.0.0.1:8990' } })
  gateway = await openNode('gateway', { gateway: { rtmp: undefined, http: listen, ladder: DEFAULT_LADDER } })
}, 60_000)
afterAll(async () => {
  for (const node of [gateway, newcomer, orchestrator]) await node?.stop()
  await chain?.[Symbol.asyncDispose]()
  await folder?.[Symbol.asyncDispose]()
})

/** A node with its own account on the one chain of this suite. */
async function openNode(account: DevnetAccount, role: Partial<NodeConfig>): Promise<RunningNode> {
  const own = join(folder.path, account)
  await openKeystore(join(own, 'keystore'), 'password', { create: devnetKey(account), n: 1024 })
  const hub = new EventHub()
  hub.listen((event) => events.push(event))
  const network = {
    kind: 'chain' as const,
    ethUrl: chain.chain.url,
    controller: client.addresses.controller,
    chainId: 31337,
    pollMs: 50,
    payments: 'devnet' as const,
  }
  const common = { nodeId: nodeId(account), folder: own, network, keystorePassword: 'password', operator: listen }
  return startNode({ ...common, ...role }, { hub, log: Object.assign({ ...silentLog }, { level: 'info' as const }) })
}

type Form = Readonly<Record<string, string | bigint | number>>

async function post(node: RunningNode, path: string, form: Form = {}, headers: Record<string, string> = {}) {
  const body = new URLSearchParams()
  for (const [name, value] of Object.entries(form)) body.set(name, String(value))
  const response = await fetch(new URL(path, node.operatorUrl), { method: 'POST', body, headers })
  const bytes = new Uint8Array(await response.arrayBuffer())
  return { status: response.status, bytes, text: new TextDecoder().decode(bytes).trimEnd() }
}

/** Asks for something that must work. */
async function ok(node: RunningNode, path: string, form: Form = {}): Promise<string> {
  const { status, text } = await post(node, path, form)
  expect({ path, status, text }).toMatchObject({ status: 200 })
  return text
}

const json = async <T>(node: RunningNode, path: string, form: Form = {}) => JSON.parse(await ok(node, path, form)) as T
const refusal = async (node: RunningNode, path: string, form: Form = {}) => {
  const { status, text } = await post(node, path, form)
  return { status, text }
}
const lptOf = (address: Address) => livepeerToken.balanceOf(client, address)
const etherOf = (address: Address) => client.rpc.getBalance({ address })
const round = () => roundsManager.currentRound(client)

/** Goes on to the next round; initialised by the API of a node. */
async function nextRound(): Promise<void> {
  const before = await round()
  while ((await round()) === before) await chain.mine(10)
  await ok(orchestrator, '/initializeRound')
}

describe('rounds', () => {
  it('are told and initialised', async () => {
    expect(await ok(orchestrator, '/currentRound')).toBe(String(await round()))
    expect(await ok(orchestrator, '/roundInitialized')).toBe('true')
    const before = await round()
    while ((await round()) === before) await chain.mine(10)
    expect(await ok(orchestrator, '/roundInitialized')).toBe('false')
    await ok(orchestrator, '/initializeRound')
    expect(await ok(orchestrator, '/roundInitialized')).toBe('true')
    expect(events.at(-1)).toMatchObject({ type: 'round_initialized', round: String(before + 1n) })
    expect(await refusal(orchestrator, '/initializeRound')).toMatchObject({
      status: 500,
      text: expect.stringContaining('round already initialized'),
    })
  })

  it('have parameters, with the names and the numbers of go-livepeer', async () => {
    const text = await ok(orchestrator, '/protocolParameters')
    const supply = await minter.getGlobalTotalSupply(client)
    expect(text).toContain(`"TotalSupply":${supply},`)
    expect(JSON.parse(text)).toMatchObject({ RoundLength: 60, Paused: false, VerificationCodeHash: '' })
  })

  it('and the contracts that count them are named by address', async () => {
    const { Controller, BondingManager } = await json<Record<string, string>>(orchestrator, '/contractAddresses')
    expect({ Controller, BondingManager }).toEqual({
      Controller: checksumAddress(client.addresses.controller),
      BondingManager: checksumAddress(client.addresses.bondingManager),
    })
  })

  it('the last block is bytes, as go-livepeer sends it', async () => {
    const { bytes } = await post(orchestrator, '/currentBlock')
    const block = BigInt(toHex(bytes))
    expect(bytes[0]).not.toBe(0)
    expect(block).toBeLessThanOrEqual(await client.rpc.getBlockNumber())
    expect(block).toBeGreaterThan((await client.rpc.getBlockNumber()) - 50n)
    expect(await ok(orchestrator, '/EthChainID')).toBe('31337')
  })
})

describe('a newcomer', () => {
  const self = devnetAddress('redeemer1')
  const terms = { blockRewardCut: '12.5', feeShare: '40', pricePerUnit: '3', pixelsPerUnit: '2' }

  it('gets LPT of the faucet and gives some away', async () => {
    const before = await lptOf(self)
    await ok(newcomer, '/requestTokens')
    const got = (await lptOf(self)) - before
    expect(got).toBeGreaterThan(0n)
    expect(await ok(newcomer, '/tokenBalance')).toBe(String(await lptOf(self)))
    const to = devnetAddress('delegator1')
    const had = await lptOf(to)
    await ok(newcomer, '/transferTokens', { to, amount: got / 4n })
    expect((await lptOf(to)) - had).toBe(got / 4n)
    expect(await ok(newcomer, '/ethAddr')).toBe(checksumAddress(self))
    expect(await ok(newcomer, '/ethBalance')).toBe(String(await etherOf(self)))
  })

  it('is told what it left out', async () => {
    expect(await refusal(newcomer, '/activateOrchestrator', {})).toEqual({
      status: 400,
      text: 'missing form param: blockRewardCut',
    })
    const bad = [
      { ...terms, serviceURI: 'https://127.0.0.1:8990', blockRewardCut: '101' },
      { ...terms, serviceURI: 'https://127.0.0.1:8990', feeShare: '1.23456' },
      { ...terms, serviceURI: 'https://127.0.0.1:8990', pixelsPerUnit: '0' },
      { ...terms, serviceURI: 'https://127.0.0.1:8990', currency: 'USD' },
      { ...terms, serviceURI: 'file:///etc/passwd' },
    ]
    for (const form of bad) expect((await refusal(newcomer, '/activateOrchestrator', form)).status).toBe(400)
    expect(await bondingManager.isRegisteredTranscoder(client, self)).toBe(false)
  })

  it('becomes an orchestrator, once', async () => {
    const amount = 2n * LPT
    const form = { ...terms, serviceURI: 'https://newcomer.example:8935', amount }
    await ok(newcomer, '/activateOrchestrator', form)
    expect(await refusal(newcomer, '/activateOrchestrator', form)).toEqual({
      status: 400,
      text: 'orchestrator already registered',
    })
    expect(await json(newcomer, '/orchestratorInfo')).toMatchObject({
      Transcoder: {
        Address: checksumAddress(self),
        ServiceURI: 'https://newcomer.example:8935',
        RewardCut: 125_000,
        FeeShare: 400_000,
        Status: 'Registered',
      },
      PriceInfo: '3/2',
    })
    expect(await json(newcomer, '/delegatorInfo')).toMatchObject({
      DelegateAddress: checksumAddress(self),
      Status: 'Pending',
    })
    const pool = await json<{ Address: string; DelegatedStake: number }[]>(newcomer, '/registeredOrchestrators')
    expect(pool.map(({ Address }) => Address)).toEqual([
      checksumAddress(devnetAddress('orchestrator1')),
      checksumAddress(devnetAddress('orchestrator2')),
      checksumAddress(self),
    ])
    expect(pool[2]!.DelegatedStake).toBe(Number(amount))
  })

  it('changes what it names and nothing else', async () => {
    await ok(newcomer, '/setOrchestratorConfig', { feeShare: '45', serviceURI: 'https://newcomer.example:8936' })
    await ok(newcomer, '/setOrchestratorConfig', { pricePerUnit: '7', pixelsPerUnit: '1' })
    expect(await json(newcomer, '/orchestratorInfo')).toMatchObject({
      Transcoder: { ServiceURI: 'https://newcomer.example:8936', RewardCut: 125_000, FeeShare: 450_000 },
      PriceInfo: '7',
    })
  })

  it('cannot change its terms while the round is locked', async () => {
    const [length, start, locked] = await Promise.all([
      roundsManager.roundLength(client),
      roundsManager.currentRoundStartBlock(client),
      roundsManager.roundLockAmount(client),
    ])
    const firstLocked = start + length - (length * locked) / 1_000_000n
    const block = await client.rpc.getBlockNumber()
    await chain.mine(Number(firstLocked - block))
    expect(await refusal(newcomer, '/setOrchestratorConfig', { feeShare: '50' })).toEqual({
      status: 500,
      text: 'current round is locked',
    })
  })
})

describe('stake', () => {
  const self = devnetAddress('redeemer1')
  type Lock = { ID: number; Delegator: string; Amount: number; WithdrawRound: number }

  it('is taken out into a lock, put back, and paid out when its round has come', async () => {
    await nextRound()
    const before = await bondingManager.pendingStake(client, self)
    await ok(newcomer, '/unbond', { amount: LPT / 2n })
    await ok(newcomer, '/unbond', { amount: LPT / 4n })
    const locks = await json<Lock[]>(newcomer, '/unbondingLocks')
    const withdrawRound = Number((await round()) + (await bondingManager.unbondingPeriod(client)))
    expect(locks).toEqual([
      { ID: 0, Delegator: checksumAddress(self), Amount: Number(LPT / 2n), WithdrawRound: withdrawRound },
      { ID: 1, Delegator: checksumAddress(self), Amount: Number(LPT / 4n), WithdrawRound: withdrawRound },
    ])
    const elsewhere = { unbondingLockId: 1, toAddr: devnetAddress('orchestrator2') }
    expect(await refusal(newcomer, '/rebond', elsewhere)).toMatchObject({ status: 400 })
    await ok(newcomer, '/rebond', { unbondingLockId: 1 })
    expect(await bondingManager.pendingStake(client, self)).toBe(before - LPT / 2n)
    expect(await json(newcomer, '/unbondingLocks', { withdrawable: 'true' })).toEqual([])
    expect(await refusal(newcomer, '/withdrawStake', { unbondingLockId: 0 })).toMatchObject({ status: 500 })
    while ((await round()) < BigInt(withdrawRound)) await nextRound()
    expect(await json<Lock[]>(newcomer, '/unbondingLocks', { withdrawable: 'true' })).toHaveLength(1)
    const had = await lptOf(self)
    await ok(newcomer, '/withdrawStake', { unbondingLockId: 0 })
    expect((await lptOf(self)) - had).toBe(LPT / 2n)
    expect(await json(newcomer, '/unbondingLocks')).toEqual([])
  })

  it('moves to another delegate and back without an amount', async () => {
    const to = devnetAddress('orchestrator2')
    await ok(gateway, '/requestTokens')
    await ok(gateway, '/bond', { amount: LPT, toAddr: devnetAddress('orchestrator1') })
    await ok(gateway, '/bond', { amount: 0, toAddr: to })
    const { DelegateAddress, BondedAmount } = await json<Record<string, unknown>>(gateway, '/delegatorInfo')
    expect({ DelegateAddress, BondedAmount }).toEqual({
      DelegateAddress: checksumAddress(to),
      BondedAmount: Number(LPT),
    })
  })

  it('that was taken out whole is put back to a delegate that is named', async () => {
    await nextRound()
    await ok(gateway, '/unbond', { amount: await bondingManager.pendingStake(client, devnetAddress('gateway')) })
    expect(await refusal(gateway, '/rebond', { unbondingLockId: 0 })).toEqual({
      status: 400,
      text: 'missing form param: toAddr',
    })
    await ok(gateway, '/rebond', { unbondingLockId: 0, toAddr: devnetAddress('orchestrator1') })
    expect(await json(gateway, '/delegatorInfo')).toMatchObject({
      DelegateAddress: checksumAddress(devnetAddress('orchestrator1')),
    })
  })

  it('of more LPT than there is cannot be bonded', async () => {
    expect(await refusal(gateway, '/bond', { amount: 10n ** 40n, toAddr: self })).toMatchObject({
      status: 500,
      text: expect.stringContaining('insufficient balance'),
    })
  })

  it('earns a reward once a round, which is told', async () => {
    await ok(orchestrator, '/reward')
    expect(events.at(-1)).toMatchObject({ type: 'reward_called', orchestrator: devnetAddress('orchestrator1') })
    expect(await refusal(orchestrator, '/reward')).toMatchObject({
      status: 500,
      text: expect.stringContaining('caller has already called reward for the current round'),
    })
    expect(events.at(-1)).toMatchObject({ type: 'reward_failed' })
    const now = await round()
    expect(await json(orchestrator, '/orchestratorEarningPoolsForRound', { round: now })).toMatchObject({
      TranscoderRewardCut: 200_000,
      TranscoderFeeShare: 500_000,
    })
  })

  it('earnings are claimed, and fees withdrawn only where there are some', async () => {
    await nextRound()
    const self = devnetAddress('orchestrator1')
    await ok(orchestrator, '/claimEarnings')
    expect((await bondingManager.getDelegator(client, self)).lastClaimRound).toBe(await round())
    expect(await refusal(orchestrator, '/withdrawFees', { amount: 10n ** 30n })).toMatchObject({ status: 500 })
    expect(await refusal(orchestrator, '/withdrawFees')).toEqual({ status: 400, text: 'missing form param: amount' })
  })
})

describe('a deposit', () => {
  const self = devnetAddress('gateway')
  const info = () => ticketBroker.getSenderInfo(client, self)

  it('is funded with a reserve or alone', async () => {
    const before = await info()
    const both = { depositAmount: ETHER, reserveAmount: 2n * ETHER }
    expect(await ok(gateway, '/fundDepositAndReserve', both)).toBe('fundDepositAndReserve success')
    await ok(gateway, '/fundDeposit', { amount: ETHER / 2n })
    const after = await info()
    expect(after.deposit - before.deposit).toBe((3n * ETHER) / 2n)
    expect(after.reserve.fundsRemaining - before.reserve.fundsRemaining).toBe(2n * ETHER)
    expect(await ok(gateway, '/senderInfo')).toBe(
      `{"Deposit":${after.deposit},"WithdrawRound":0,"Reserve":{"FundsRemaining":${after.reserve.fundsRemaining},"ClaimedInCurrentRound":0}}`,
    )
  })

  it('is unlocked, locked again, and paid back when its round has come', async () => {
    expect(await refusal(gateway, '/withdraw')).toMatchObject({ status: 500 })
    await ok(gateway, '/unlock')
    await ok(gateway, '/cancelUnlock')
    expect((await info()).withdrawRound).toBe(0n)
    await ok(gateway, '/unlock')
    const { UnlockPeriod } = await json<{ UnlockPeriod: number }>(gateway, '/ticketBrokerParams')
    const { withdrawRound, deposit, reserve } = await info()
    expect(withdrawRound).toBe((await round()) + BigInt(UnlockPeriod))
    while ((await round()) < withdrawRound) await nextRound()
    const before = await etherOf(self)
    await ok(gateway, '/withdraw')
    const gained = (await etherOf(self)) - before
    expect(gained).toBeGreaterThan(deposit + reserve.fundsRemaining - ETHER / 1_000n)
    expect((await info()).deposit).toBe(0n)
  })
})

describe('votes', () => {
  it('in a poll count, and the answer is the hash of the transaction in bytes', async () => {
    const sender = chain.sender('orchestrator2')
    const args = [client.addresses.bondingManager] as const
    const data = encodeDeployData({ abi: pollCreatorAbi, bytecode: pollCreatorBytecode, args })
    const account = privateKeyToAccount(devnetKeyHex('deployer'))
    const wallet = createWalletClient({ account, transport: http(chain.chain.url) })
    const hash = await wallet.sendTransaction({ data, gasPrice: 1n, type: 'legacy', chain: client.rpc.chain })
    const { contractAddress } = await client.rpc.waitForTransactionReceipt({ hash, pollingInterval: 20 })
    const pollCreator = contractAddress!.toLowerCase() as Address
    const made = await poll.createPoll(client, sender, { pollCreator, proposal: '0x1234' })
    const created = poll.createdPoll(made.receipt)!
    const wrong = [
      [{ poll: created.poll, choiceID: 2 }, 'invalid choiceID'],
      [{ poll: created.poll, choiceID: 'no' }, 'choiceID is not a valid integer value'],
      [{ poll: '0x1', choiceID: 1 }, 'invalid poll contract address'],
    ] as const
    for (const [form, text] of wrong) expect(await refusal(orchestrator, '/vote', form)).toEqual({ status: 500, text })
    const { status, bytes } = await post(orchestrator, '/vote', { poll: created.poll, choiceID: 1 })
    expect({ status, length: bytes.length }).toEqual({ status: 200, length: 32 })
    const receipt = await client.rpc.getTransactionReceipt({ hash: toHex(bytes) })
    expect(receipt).toMatchObject({ status: 'success', to: created.poll })
  })

  it('on a proposal count with their reason', async () => {
    const { livepeerToken: token } = client.addresses
    const description = 'give nobody nothing'
    const args = [devnetAddress('redeemer2'), 0n] as const
    const transfer = encodeFunctionData({ abi: livepeerTokenAbi, functionName: 'transfer', args })
    const calls = { targets: [token], values: [0n], calldatas: [transfer] }
    const proposer = chain.sender('orchestrator2')
    const id = await livepeerGovernor.hashProposal(client, {
      ...calls,
      descriptionHash: keccak256(stringToHex(description)),
    })
    await livepeerGovernor.propose(client, proposer, { ...calls, description })
    await nextRound()
    await nextRound()
    const { bytes } = await post(orchestrator, '/voteOnProposal', { proposalID: id, support: 2, reason: 'because' })
    expect(bytes.length).toBe(32)
    const { abstainVotes } = await livepeerGovernor.proposalVotes(client, id)
    expect(abstainVotes).toBeGreaterThan(0n)
  })

  it('on a proposal that is not there are refused', async () => {
    const form = { proposalID: 1, support: 1, reason: 'because' }
    expect(await refusal(orchestrator, '/voteOnProposal', form)).toMatchObject({ status: 500 })
    expect(await refusal(orchestrator, '/voteOnProposal', { ...form, support: 3 })).toMatchObject({ status: 400 })
  })
})

describe('signatures', () => {
  const self = devnetAddress('orchestrator1')

  it('of a text are those that wallets make', async () => {
    const message = 'Livepeer ✓'
    const { bytes } = await post(orchestrator, '/signMessage', { message })
    expect(bytes.length).toBe(65)
    expect((await recoverMessageAddress({ message, signature: toHex(bytes) })).toLowerCase()).toBe(self)
  })

  it('of typed data too, when the header says so', async () => {
    const typed = {
      domain: { name: 'Test', chainId: 31337 },
      types: { Mail: [{ name: 'contents', type: 'string' }] },
      primaryType: 'Mail' as const,
      message: { contents: 'hello' },
    }
    const headers = { SigFormat: 'data/typed' }
    const { bytes } = await post(orchestrator, '/signMessage', { message: JSON.stringify(typed) }, headers)
    const signer = await recoverTypedDataAddress({ ...typed, signature: toHex(bytes) } as never)
    expect(signer.toLowerCase()).toBe(self)
    for (const message of ['not json', '{}'])
      expect((await post(orchestrator, '/signMessage', { message }, headers)).status).toBe(400)
    expect((await post(orchestrator, '/signMessage', { message: 'x' }, { SigFormat: 'other' })).status).toBe(400)
  })
})

describe('gas', () => {
  it('has a maximum that transactions keep to, until it is taken away', async () => {
    expect(await ok(orchestrator, '/maxGasPrice')).toBe('')
    await ok(orchestrator, '/setMinGasPrice', { minGasPrice: 5 })
    expect(await ok(orchestrator, '/minGasPrice')).toBe('5')
    expect(await refusal(orchestrator, '/setMaxGasPrice', { amount: 4 })).toMatchObject({ status: 400 })
    await ok(orchestrator, '/setMaxGasPrice', { amount: 5 })
    expect(await ok(orchestrator, '/maxGasPrice')).toBe('5')
    expect(await refusal(orchestrator, '/setMinGasPrice', { minGasPrice: 6 })).toMatchObject({ status: 400 })
    const transfer = { to: devnetAddress('gateway'), amount: 0 }
    await ok(orchestrator, '/transferTokens', transfer)
    const block = await client.rpc.getBlock({ includeTransactions: true })
    expect(block.transactions[0]!.gasPrice).toBe(5n)
    await ok(orchestrator, '/setMaxGasPrice', { amount: 0 })
    expect(await ok(orchestrator, '/maxGasPrice')).toBe('')
    await ok(orchestrator, '/setMinGasPrice', { minGasPrice: 1 })
  })
})

describe('what runs', () => {
  it('a gateway tells its status with the names of go-livepeer', async () => {
    const status = await json<Record<string, unknown>>(gateway, '/status')
    expect(status).toMatchObject({
      Manifests: {},
      OrchestratorPool: expect.arrayContaining(['https://127.0.0.1:8935']),
      Version: expect.stringContaining('millrace'),
      GOOS: process.platform,
      RegisteredTranscodersNumber: 0,
      LocalTranscoding: false,
    })
    expect(await ok(gateway, '/streamID')).toBe('')
    expect(await json(gateway, '/localStreams')).toEqual([])
    expect(await ok(gateway, '/IsOrchestrator')).toBe('false')
    expect(await ok(orchestrator, '/IsOrchestrator')).toBe('true')
    expect(await ok(orchestrator, '/IsRedeemer')).toBe('false')
    expect(await refusal(orchestrator, '/streamID')).toMatchObject({ status: 400 })
  })

  it('a gateway is told its price and what it buys', async () => {
    expect(await json(gateway, '/getBroadcastConfig')).toMatchObject({ MaxPrice: null })
    await ok(gateway, '/setBroadcastConfig', { maxPricePerUnit: '0.5', pixelsPerUnit: 2 })
    await ok(gateway, '/setBroadcastConfig', { transcodingOptions: 'P240p30fps16x9,P720p30fps16x9' })
    expect(await json(gateway, '/getBroadcastConfig')).toEqual({
      MaxPrice: '1/4',
      TranscodingOptions: 'P240p30fps16x9,P720p30fps16x9',
    })
    const options = await json<string[]>(gateway, '/getAvailableTranscodingOptions')
    expect(options).toContain('P720p30fps16x9')
    expect(await refusal(gateway, '/setBroadcastConfig', { transcodingOptions: 'P999' })).toMatchObject({ status: 400 })
    expect(await refusal(gateway, '/setBroadcastConfig', { maxPricePerUnit: 1 })).toEqual({
      status: 400,
      text: 'missing form params (maxPricePerUnit AND pixelsPerUnit) or transcodingOptions',
    })
  })

  it('a gateway is told the most for a capability', async () => {
    const price = { maxPricePerUnit: 5, pixelsPerUnit: 2, pipeline: 'hevc-encode', modelID: 'default' }
    await ok(gateway, '/setMaxPriceForCapability', price)
    const set = (change: Form) => refusal(gateway, '/setMaxPriceForCapability', { ...price, ...change })
    expect(await set({ pipeline: 'dancing' })).toEqual({ status: 400, text: 'pipeline not supported' })
    expect(await set({ modelID: '' })).toEqual({ status: 400, text: 'pipeline and modelID must be set' })
    expect(await set({ pixelsPerUnit: '' })).toEqual({
      status: 400,
      text: 'maxPricePerUnit and pixelsPerUnit need to be set',
    })
    expect(await set({ maxPricePerUnit: 0 })).toMatchObject({ status: 400 })
    expect(await set({ currency: 'USD' })).toEqual({
      status: 400,
      text: expect.stringMatching(/^error converting price: .*-priceFeedAddr/),
    })
    expect(await refusal(orchestrator, '/setMaxPriceForCapability', price)).toEqual({
      status: 400,
      text: 'Node must be gateway node to set max price per capability',
    })
  })

  it('an orchestrator is told prices, sessions and face values', async () => {
    const friend = devnetAddress('gateway')
    const price = { pricePerUnit: 5, pixelsPerUnit: 1 }
    await ok(orchestrator, '/setPriceForBroadcaster', { ...price, broadcasterEthAddr: friend })
    await ok(orchestrator, '/setPriceForBroadcaster', { ...price, pricePerUnit: 6, broadcasterEthAddr: 'default' })
    expect(await json(orchestrator, '/status')).toMatchObject({
      BroadcasterPrices: { default: '6', [checksumAddress(friend)]: '5' },
    })
    expect(
      await refusal(orchestrator, '/setPriceForBroadcaster', { ...price, broadcasterEthAddr: '0x1' }),
    ).toMatchObject({
      status: 400,
    })
    expect(await ok(orchestrator, '/setMaxSessions', { maxSessions: 7 })).toBe('Max sessions set to 7')
    expect(await json(orchestrator, '/debug')).toMatchObject({ maxSessions: 7, workers: [] })
    await ok(orchestrator, '/setMaxSessions', { maxSessions: 'auto' })
    expect(await json(orchestrator, '/debug')).toMatchObject({ maxSessions: 0 })
    expect(await refusal(orchestrator, '/setMaxSessions', { maxSessions: 0 })).toMatchObject({ status: 400 })
    expect(await ok(orchestrator, '/setMaxFaceValue', { maxfacevalue: 1000 })).toBe('ticket max face value set')
    expect(await refusal(gateway, '/setMaxFaceValue', { maxfacevalue: 1000 })).toMatchObject({ status: 400 })
  })

  it('the level of the log is set by the numbers of go-livepeer', async () => {
    expect(await ok(orchestrator, '/getLogLevel')).toBe('3')
    await ok(orchestrator, '/setLogLevel', { loglevel: 6 })
    expect(await ok(orchestrator, '/getLogLevel')).toBe('6')
    expect(await refusal(orchestrator, '/setLogLevel', { loglevel: 7 })).toMatchObject({ status: 400 })
  })

  it('what is not there yet says so', async () => {
    for (const path of ['/getAISessionPoolsInfo', '/getNetworkCapabilities'])
      expect((await refusal(orchestrator, path)).status).toBe(501)
    // It is there where live runners are switched on.
    expect((await post(orchestrator, '/registerLiveRunners', {})).status).toBe(404)
  })

  it('nothing changes for a page of another site, by form or by image', async () => {
    const headers: Record<string, string>[] = [
      { origin: 'http://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { referer: 'http://evil.example/' },
    ]
    const deposit = (await ticketBroker.getSenderInfo(client, devnetAddress('gateway'))).deposit
    for (const header of headers) expect((await post(gateway, '/fundDeposit', { amount: 1 }, header)).status).toBe(403)
    expect((await ticketBroker.getSenderInfo(client, devnetAddress('gateway'))).deposit).toBe(deposit)
  })
})

it('a node without a chain answers what go-livepeer answers', async () => {
  const own = join(folder.path, 'offchain')
  const config: NodeConfig = {
    nodeId: nodeId('offchain'),
    folder: own,
    network: { kind: 'offchain' },
    operator: listen,
    gateway: { rtmp: undefined, http: listen, ladder: DEFAULT_LADDER, orchestrators: ['https://127.0.0.1:8935'] },
  }
  const node = await startNode(config, { hub: new EventHub(), log: silentLog })
  try {
    for (const path of ['/currentRound', '/ethAddr', '/reward', '/unlock'])
      expect(await refusal(node, path)).toEqual({ status: 500, text: 'missing ETH client' })
    expect(await ok(node, '/EthChainID')).toBe('0')
    expect((await json<{ OrchestratorPool: string[] }>(node, '/status')).OrchestratorPool).toHaveLength(1)
  } finally {
    await node.stop()
  }
})

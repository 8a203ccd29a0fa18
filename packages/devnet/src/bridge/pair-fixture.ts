import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import {
  type ChainClient,
  connectChain,
  l1LptDataCache,
  l1LptGateway,
  l2LptDataCache,
  l2LptGateway,
  livepeerToken,
  TxSender,
} from '@millrace/chain'
import {
  inboxStandInAbi,
  l1LPTGatewayAbi,
  l2LPTGatewayAbi,
  livepeerTokenAbi,
  outboxStandInAbi,
  retryablesStandInAbi,
} from '@millrace/contracts'
import { devnet, retryablesAddress } from '@millrace/contracts/deploy'
import {
  type Abi,
  type Address,
  createPublicClient,
  createWalletClient,
  encodeFunctionData,
  type Hash,
  type Hex,
  http,
  keccak256,
  type PublicClient,
  stringToHex,
  type TransactionReceipt,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { type DevnetAccount, devnetKeyHex } from '../genesis/accounts.ts'
import { devnetAddress } from '../genesis/addresses.ts'
import { ChainPair, PAIR_ACCOUNTS } from './pair.ts'
import { receiptOf } from './receipt.ts'
import { BridgeRelayer } from './relayer.ts'

export const LPT = 10n ** 18n
export const CHALLENGE_PERIOD = 3_600n

/** Holders on layer 1 at the start. */
export const L1_HOLDERS = ['delegator1', 'delegator2', 'orchestrator1', 'orchestrator2'] as const
export const L1_EACH = 10_000n * LPT

/** What a message costs where nothing else is said. */
export const MESSAGE = { maxGas: 600_000n, gasPriceBid: 1n, maxSubmissionCost: 1_000_000n }

export type Layer = 'l1' | 'l2'

/** A pair whose relayer only moves when told to, on chains that make a block for every transaction. */
export async function openPair(options: { relaying?: boolean; folder?: string } = {}): Promise<TestPair> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'millrace-pair-')))
  const { faucet: _, ...parameters } = devnet
  const pair = await ChainPair.start(
    {
      folder,
      blockTimeMs: 50,
      challengePeriodSeconds: CHALLENGE_PERIOD,
      parameters,
      pollMs: 20,
      l1Allocations: L1_HOLDERS.map((account) => ({ account: devnetAddress(account) as Address, amount: L1_EACH })),
    },
    { log: silentLog },
  )
  if (!options.relaying) await pair.relayer.stop()
  const rpcs = { l1: client(pair.l1.url), l2: client(pair.l2.url) }
  const ask = (layer: Layer, method: string, ...params: unknown[]): Promise<unknown> =>
    rpcs[layer].request({ method, params } as never) as Promise<unknown>
  for (const layer of options.relaying ? [] : (['l1', 'l2'] as const)) {
    await ask(layer, 'evm_setIntervalMining', 0)
    await ask(layer, 'evm_setAutomine', true)
  }
  const connect = (layer: Layer) =>
    connectChain({ url: pair[layer].url, controller: pair.addresses[layer].protocol.controller })
  const clients = { l1: await connect('l1'), l2: await connect('l2') }
  return new TestPair(pair, rpcs, clients, ask, folder)
}

const client = (url: string): PublicClient =>
  createPublicClient({ transport: http(url), pollingInterval: 10, cacheTime: 0 })

/** The pair with the words that the tests speak. */
export class TestPair implements AsyncDisposable {
  readonly pair: ChainPair
  readonly rpcs: Record<Layer, PublicClient>
  readonly clients: Record<Layer, ChainClient>
  readonly ask: (layer: Layer, method: string, ...params: unknown[]) => Promise<unknown>
  readonly #folder: string

  constructor(
    pair: ChainPair,
    rpcs: TestPair['rpcs'],
    clients: TestPair['clients'],
    ask: TestPair['ask'],
    folder: string,
  ) {
    this.pair = pair
    this.rpcs = rpcs
    this.clients = clients
    this.ask = ask
    this.#folder = folder
  }

  get l1() {
    return this.pair.addresses.l1
  }

  get l2() {
    return this.pair.addresses.l2
  }

  /** A relayer that knows nothing but what stands on the chains, as after a restart. */
  freshRelayer(account: DevnetAccount = PAIR_ACCOUNTS.relayer, more: { confirmations?: bigint } = {}): BridgeRelayer {
    const { inbox, bridge, outbox } = this.l1
    return new BridgeRelayer(
      {
        l1Url: this.pair.l1.url,
        l2Url: this.pair.l2.url,
        account: privateKeyToAccount(devnetKeyHex(account)),
        addresses: { inbox, bridge: bridge!, outbox: outbox! },
        pollMs: 20,
        ...more,
      },
      { log: silentLog },
    )
  }

  /** Sends a transaction and waits for it; throws if it would fail. */
  async send(
    layer: Layer,
    from: DevnetAccount,
    call: { to: Address; abi: Abi; functionName: string; args?: readonly unknown[]; value?: bigint },
  ): Promise<TransactionReceipt> {
    const account = privateKeyToAccount(devnetKeyHex(from))
    const wallet = createWalletClient({ transport: http(this.pair[layer].url), account })
    const data = encodeFunctionData({ abi: call.abi, functionName: call.functionName, args: call.args ?? [] })
    const hash: Hash = await wallet.sendTransaction({
      account,
      chain: null,
      to: call.to,
      data,
      value: call.value ?? 0n,
      gasPrice: 1n,
    })
    return receiptOf(this.rpcs[layer], hash)
  }

  /** Signs for an account; a new one each time, since the tests take chains back to earlier states. */
  sender(layer: Layer, account: DevnetAccount): TxSender {
    const options = { account: privateKeyToAccount(devnetKeyHex(account)) }
    return new TxSender(options, { client: this.clients[layer], log: silentLog })
  }

  async deposit(from: DevnetAccount, amount: bigint, { maxGas = MESSAGE.maxGas, to = from as DevnetAccount } = {}) {
    const [client, sender] = [this.clients.l1, this.sender('l1', from)]
    const gateway = lower(this.l1.l1LPTGateway)
    await livepeerToken.approve(client, sender, { spender: gateway, amount })
    const transfer = { gateway, l1Token: lower(this.l1.livepeerToken), to: lower(devnetAddress(to)), amount }
    const cost = { ...MESSAGE, maxGas }
    return (await l1LptGateway.outboundTransfer(client, sender, { ...transfer, cost })).receipt
  }

  async withdraw(from: DevnetAccount, amount: bigint, to: Address = devnetAddress(from) as Address) {
    const [client, sender] = [this.clients.l2, this.sender('l2', from)]
    const gateway = lower(this.l2.l2LPTGateway)
    await livepeerToken.approve(client, sender, { spender: gateway, amount })
    const transfer = { gateway, l1Token: lower(this.l1.livepeerToken), to: lower(to), amount }
    return (await l2LptGateway.outboundTransfer(client, sender, transfer)).receipt
  }

  async tellSupply(from: DevnetAccount = 'delegator1') {
    const told = { dataCache: lower(this.l1.l1LPTDataCache), cost: MESSAGE }
    return (await l1LptDataCache.cacheTotalSupply(this.clients.l1, this.sender('l1', from), told)).receipt
  }

  /** A message for any contract of layer 2, from an account of layer 1. */
  async message(
    from: DevnetAccount,
    to: Address,
    data: Hex,
    {
      value = 0n,
      maxGas = MESSAGE.maxGas,
      beneficiary = from,
    }: { value?: bigint; maxGas?: bigint; beneficiary?: DevnetAccount } = {},
  ) {
    return this.send('l1', from, {
      to: this.l1.inbox,
      abi: inboxStandInAbi,
      functionName: 'createRetryableTicket',
      args: [to, value, MESSAGE.maxSubmissionCost, devnetAddress(from), devnetAddress(beneficiary), maxGas, 1n, data],
      value: MESSAGE.maxSubmissionCost + maxGas + value,
    })
  }

  /** LPT of layer 2 that never was on layer 1, as rewards are. */
  async mintOnLayer2(to: DevnetAccount, amount: bigint) {
    const deployer = devnetAddress('deployer') as Address
    const token = { to: this.l2.protocol.livepeerToken, abi: livepeerTokenAbi }
    await this.setMinter(deployer, true)
    await this.send('l2', 'deployer', { ...token, functionName: 'mint', args: [devnetAddress(to), amount] })
    await this.setMinter(deployer, false)
  }

  setMinter(account: Address, may: boolean) {
    const args = [keccak256(stringToHex('MINTER_ROLE')), account]
    const token = { to: this.l2.protocol.livepeerToken, abi: livepeerTokenAbi }
    return this.send('l2', 'deployer', { ...token, functionName: may ? 'grantRole' : 'revokeRole', args })
  }

  redeemAs(from: DevnetAccount, ticketId: Hex) {
    return this.send('l2', from, { ...retryables, functionName: 'redeem', args: [ticketId] })
  }

  cancelAs(from: DevnetAccount, ticketId: Hex) {
    return this.send('l2', from, { ...retryables, functionName: 'cancel', args: [ticketId] })
  }

  /** Tries to have every message that ever came to layer 2 made again, by somebody; what is refused changes nothing. */
  async replayEverything(from: DevnetAccount): Promise<void> {
    const logs = await this.rpcs.l2.getContractEvents({
      address: retryables.to,
      abi: retryables.abi,
      eventName: 'Redeemed',
      fromBlock: 0n,
      strict: true,
    })
    for (const { args } of logs) await this.redeemAs(from, args.ticketId).catch(() => {})
    const { up } = this.pair.relayer
    for (let index = 0n; index < (await this.posted()); index++) {
      if (await this.isSpent(index)) await up.execute(index).catch(() => {})
    }
  }

  posted(): Promise<bigint> {
    return this.rpcs.l1.readContract({ address: this.l1.outbox!, abi: outboxStandInAbi, functionName: 'postedCount' })
  }

  isSpent(index: bigint): Promise<boolean> {
    const read = { address: this.l1.outbox!, abi: outboxStandInAbi, functionName: 'isSpent' } as const
    return this.rpcs.l1.readContract({ ...read, args: [index] })
  }

  async until(condition: () => Promise<boolean>): Promise<void> {
    for (let i = 0; !(await condition()); i++) {
      if (i > 1_000) throw new Error('what the test waits for did not happen')
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  untilDelivered(count: bigint): Promise<void> {
    const read = { address: retryablesAddress, abi: retryablesStandInAbi, functionName: 'delivered' } as const
    return this.until(async () => (await this.rpcs.l2.readContract(read)) >= count)
  }

  untilPosted(count: bigint): Promise<void> {
    return this.until(async () => (await this.posted()) >= count)
  }

  /** Ends the pair in good order and starts it again from its folder. */
  async restart(): Promise<TestPair> {
    await this.pair.stop()
    return openPair({ relaying: true, folder: this.#folder })
  }

  async endChallengePeriod(): Promise<void> {
    await this.ask('l1', 'evm_increaseTime', Number(CHALLENGE_PERIOD))
    await this.ask('l1', 'evm_mine')
  }

  /** LPT of an account on a layer. */
  lpt(layer: Layer, who: DevnetAccount | Address): Promise<bigint> {
    const account = (who.startsWith('0x') ? who : devnetAddress(who as DevnetAccount)) as Address
    const address = layer === 'l1' ? this.l1.livepeerToken : this.l2.protocol.livepeerToken
    return this.rpcs[layer].readContract({ address, abi: livepeerTokenAbi, functionName: 'balanceOf', args: [account] })
  }

  supply(layer: Layer): Promise<bigint> {
    const address = layer === 'l1' ? this.l1.livepeerToken : this.l2.protocol.livepeerToken
    return this.rpcs[layer].readContract({ address, abi: livepeerTokenAbi, functionName: 'totalSupply' })
  }

  escrowed(): Promise<bigint> {
    return this.lpt('l1', this.l1.l1Escrow)
  }

  /** LPT that left one layer and did not arrive on the other yet, after the gateways' events. */
  async underWay(): Promise<bigint> {
    const l1 = { address: this.l1.l1LPTGateway, abi: l1LPTGatewayAbi, fromBlock: 0n, strict: true } as const
    const l2 = { address: this.l2.l2LPTGateway, abi: l2LPTGatewayAbi, fromBlock: 0n, strict: true } as const
    const sum = (logs: readonly { args: { _amount: bigint } }[]) =>
      logs.reduce((total, { args }) => total + args._amount, 0n)
    const deposited = sum(await this.rpcs.l1.getContractEvents({ ...l1, eventName: 'DepositInitiated' }))
    const minted = sum(await this.rpcs.l2.getContractEvents({ ...l2, eventName: 'DepositFinalized' }))
    const burned = sum(await this.rpcs.l2.getContractEvents({ ...l2, eventName: 'WithdrawalInitiated' }))
    const paid = sum(await this.rpcs.l1.getContractEvents({ ...l1, eventName: 'WithdrawalFinalized' }))
    return deposited - minted + burned - paid
  }

  async cache() {
    const [client, address] = [this.clients.l2, lower(this.l2.protocol.l2LPTDataCache)]
    return {
      l1TotalSupply: await l2LptDataCache.l1TotalSupply(client, address),
      l2SupplyFromL1: await l2LptDataCache.l2SupplyFromL1(client, address),
      l1CirculatingSupply: await l2LptDataCache.l1CirculatingSupply(client, address),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pair.relayer.stop()
    await Promise.all([this.pair.l1.crash(), this.pair.l2.crash()])
    // A dump may be writing its last file.
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
}

const retryables = { to: retryablesAddress, abi: retryablesStandInAbi }

export const lower = (address: string) => address.toLowerCase() as Address

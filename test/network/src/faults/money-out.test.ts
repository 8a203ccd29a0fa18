import { rational, silentLog } from '@millrace/base'
import {
  bondingManager,
  type ChainClient,
  initializeRound,
  pendingFees,
  pendingStake,
  roundState,
  TxSender,
  ticketBroker,
  totalSupply,
} from '@millrace/chain'
import { DEVNET_ACCOUNTS, type DevnetAccount, devnetAddress, devnetKeyHex, type Network } from '@millrace/devnet'
import { makeTestClip } from '@millrace/media/testing'
import { DEVNET_SEGMENT_PIXELS } from '@millrace/payments'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { allWei, eventsOf, transfers, until } from '../ledger.ts'
import { FORMS, LONG, printOutcome } from '../live-stream.ts'
import { startTestNetwork } from '../network-fixture.ts'
import { push } from '../push.ts'

const SEGMENTS = Number(LONG ?? 6)
const EARNERS = DEVNET_ACCOUNTS.filter((name) => /^(orchestrator|delegator)/.test(name))
/** Shares of delegators are rounded down: less than one wei for each redemption and earner stays with the Minter. */
const dustWei = (redemptions: number) => BigInt(redemptions * EARNERS.length)

describe.each(FORMS)('money, %s,', { timeout: 400_000 }, (form) => {
  it('costs no transaction while no ticket wins', async () => {
    const clip = await makeTestClip({ seconds: 2 * SEGMENTS, width: 320, height: 180, seed: 41, audio: false })
    await using running = await startTestNetwork(form, {
      // A ticket is worth one wei when it wins one time in 35 millions.
      tickets: { ticketEvWei: 1n },
      pricePerPixel: rational(5n, DEVNET_SEGMENT_PIXELS),
    })
    const { network } = running
    const client = clientOf(network)
    const firstBlock = await client.rpc.getBlockNumber()
    const before = await transactionCounts(client)
    const dutiesBefore = duties(network)
    for (const segment of clip.segments)
      expect(await push(network.gatewayUrl, { stream: 'cheap', ...segment })).toMatchObject({ status: 200 })
    await until('all segments', () => network.hub.view().totals.segmentsOut >= SEGMENTS)
    const { totals } = network.hub.view()
    printOutcome(`no ticket wins, ${form}`, { ...totals, faults: 0 })
    expect(totals).toMatchObject({ segmentsIn: SEGMENTS, segmentsOut: SEGMENTS, paid: SEGMENTS, ticketsWon: 0 })
    expect(totals.ticketsSent).toBeGreaterThanOrEqual(SEGMENTS)
    const after = await transactionCounts(client)
    // Rounds are begun and rewards are called whatever is sold.
    const spent = (name: DevnetAccount) => (after.get(name) ?? 0) - (before.get(name) ?? 0)
    expect(spent('gateway')).toBe(0)
    expect(spent('redeemer1') + spent('redeemer2')).toBe(0)
    expect(spent('orchestrator1') + spent('orchestrator2')).toBe(duties(network) - dutiesBefore)
    const block = await client.rpc.getBlockNumber()
    expect(await transfers(client, firstBlock, block)).toEqual({ count: 0, wei: 0n })
  })

  it('is all there until the last delegator has withdrawn', async () => {
    const clip = await makeTestClip({ seconds: 2 * SEGMENTS, width: 320, height: 180, seed: 43, audio: false })
    await using running = await startTestNetwork(form)
    const { network } = running
    const client = clientOf(network)
    const firstBlock = await client.rpc.getBlockNumber()
    const wei = await allWei(client, firstBlock)
    const { totals } = network.hub.view()
    const won = () => network.hub.view().totals.ticketsWon
    // Thirty tickets; once in twenty runs none of them wins.
    for (let seq = 0; seq < SEGMENTS || (won() === 0 && seq < 100); seq++)
      await push(network.gatewayUrl, { stream: 'paid', ...clip.segments[seq % SEGMENTS]!, seq })
    expect(totals.missing).toBe(0)
    await until('all redemptions', () => network.hub.view().totals.ticketsRedeemed >= won(), 120_000)
    // From here on nobody but this test sends transactions.
    for (const name of ['gateway', 'orchestrator-1', 'orchestrator-2']) await network.kill(name)
    const chain = new Accounts(network)
    await chain.automine()
    const redeemed = (await transfers(client, firstBlock, await client.rpc.getBlockNumber())).count
    const conserved = async () => allWei(client, await client.rpc.getBlockNumber({ cacheTime: 0 }))

    await chain.nextRound()
    await chain.withdrawAll()
    expect(await conserved()).toBe(wei)
    for (const account of EARNERS) {
      expect(await pendingStake(client, devnetAddress(account)), account).toBe(0n)
      expect(await pendingFees(client, devnetAddress(account)), account).toBe(0n)
    }
    const of = (address: `0x${string}`) => client.rpc.getBalance({ address })
    expect(await of(client.addresses.ticketBroker)).toBe(0n)
    const left = await of(client.addresses.minter)
    expect(left).toBeLessThanOrEqual(dustWei(redeemed))
    const supply = await totalSupply(client)
    expect(supply).toBeGreaterThan(0n)
    console.log(`  ${form}: ${redeemed} redemptions, all withdrawn, ${left} wei of rounding left with the Minter`)
    expect(redeemed).toBeGreaterThan(0)
  })
})

const clientOf = ({ client }: Network): ChainClient => {
  if (!client) throw new Error('the network has no chain')
  return client
}

const duties = (network: Network): number =>
  eventsOf(network, 'reward_called').length + eventsOf(network, 'round_initialized').length

async function transactionCounts(client: ChainClient): Promise<ReadonlyMap<DevnetAccount, number>> {
  const counts = DEVNET_ACCOUNTS.map(
    async (name) => [name, await client.rpc.getTransactionCount({ address: devnetAddress(name) })] as const,
  )
  return new Map(await Promise.all(counts))
}

/** What the owners of the network's money do with it by themselves, without any node. */
class Accounts {
  readonly #client: ChainClient

  constructor(network: Network) {
    this.#client = clientOf(network)
  }

  automine(): Promise<unknown> {
    return this.#rpc('evm_setAutomine', true)
  }

  async nextRound(): Promise<void> {
    const { startBlock, roundLength } = await roundState(this.#client)
    const now = await this.#client.rpc.getBlockNumber({ cacheTime: 0 })
    const blocks = startBlock + roundLength - now
    if (blocks > 0n) await this.#rpc('anvil_mine', `0x${blocks.toString(16)}`)
    await initializeRound(this.#client, this.#sender('deployer'))
  }

  /** Delegators first: orchestrators that leave take their own stake, and what they were delegated stays with its owners. */
  async withdrawAll(): Promise<void> {
    const client = this.#client
    for (const account of EARNERS.toReversed()) {
      const stake = await pendingStake(client, devnetAddress(account))
      await bondingManager.unbond(client, this.#sender(account), stake)
    }
    await ticketBroker.unlock(client, this.#sender('gateway'))
    const rounds = await bondingManager.unbondingPeriod(client)
    for (let round = 0n; round <= rounds; round++) await this.nextRound()
    for (const account of EARNERS) {
      const recipient = devnetAddress(account)
      await bondingManager.withdrawStake(client, this.#sender(account), 0n)
      const amount = await pendingFees(client, recipient)
      if (amount > 0n) await bondingManager.withdrawFees(client, this.#sender(account), { recipient, amount })
    }
    await ticketBroker.withdraw(client, this.#sender('gateway'))
  }

  #sender(account: DevnetAccount): TxSender {
    const deps = { client: this.#client, log: silentLog }
    return new TxSender({ account: privateKeyToAccount(devnetKeyHex(account)) }, deps)
  }

  #rpc(method: string, ...params: unknown[]): Promise<unknown> {
    return this.#client.rpc.request({ method, params } as never) as Promise<unknown>
  }
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ChainClient, getSenderInfo, isUsedTicket } from '@millrace/chain'
import { DEVNET_ACCOUNTS, devnetAddress, GENESIS, type Network, type NetworkPorts } from '@millrace/devnet'
import { makeTestClip, type TestClip } from '@millrace/media/testing'
import type { NodeEventOf } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blocksLeft, until } from './ledger.ts'
import { freePorts, startTestNetwork } from './network-fixture.ts'
import { push } from './push.ts'
import { keptTickets } from './stores.ts'

const ORCHESTRATORS = ['orchestrator-1', 'orchestrator-2'] as const
/** Five tickets a segment, one in ten wins: 80 segments without a winner happen less than once in 10^17 runs. */
const MOST_SEGMENTS = 80

describe('a network that is stopped and started again', () => {
  let clip: TestClip
  let folder: string
  /** The same each time: an orchestrator whose address changed would tell the chain, which costs gas. */
  let ports: NetworkPorts
  const start = (options: { readonly fresh?: boolean } = {}) =>
    startTestNetwork('one process', { dataFolder: folder, ports, ...options })
  const kept = () => ORCHESTRATORS.flatMap((node) => keptTickets(folder, node))
  const waiting = () => kept().find(({ status }) => status === 'queued')
  let before: Awaited<ReturnType<typeof chainFacts>>
  let won: string

  beforeAll(async () => {
    ports = await freePorts()
    folder = await mkdtemp(join(tmpdir(), 'millrace-resume-'))
    clip = await makeTestClip({ seconds: 8, width: 320, height: 180, seed: 9 })
  })
  afterAll(async () => rm(folder, { recursive: true, force: true }))

  it('goes on with its chain, stakes, deposit and balances, and redeems what waited', async () => {
    let seq = 0
    // A ticket's parameters are good for ten blocks and may be old already: on a busy machine it is redeemed before the stop.
    let tries = 0
    do {
      await using running = await start()
      const { network } = running
      const client = clientOf(network)
      // A new round would bring rewards, which have nothing to do with stopping.
      await until('a round with time left', async () => (await blocksLeft(client)) > 25n, 90_000)
      const winners = () => network.hub.recent().filter((event) => event.type === 'ticket_won')
      for (const end = seq + MOST_SEGMENTS; winners().length === 0 && seq < end; seq++) {
        const segment = clip.segments[seq % clip.segments.length]
        if (!segment) throw new Error('the clip is empty')
        expect(await push(network.gatewayUrl, { stream: 'resume', ...segment, seq })).toMatchObject({ status: 200 })
      }
      before = await chainFacts(network)
    } while (!waiting() && ++tries < 4)
    won = waiting()?.hash ?? ''
    expect(won, 'a ticket that waits').not.toBe('')
    const settled = new Set(kept().flatMap(({ hash, status }) => (status === 'redeemed' ? [hash] : [])))

    await using running = await start()
    const { network } = running
    const after = await chainFacts(network)
    expect(after.block).toBeGreaterThanOrEqual(before.block)
    // Nothing of a second ago is lost, and the chain did not run on alone.
    expect(after.block - before.block).toBeLessThan(20n)
    expect({ ...after, block: 0n }).toEqual({ ...before, block: 0n })

    // Several may have waited: what is compared must not have one of them half done.
    await until('all redemptions', () => kept().every(({ status }) => status === 'redeemed'))
    const redemptions = () => network.hub.recent().filter((event) => event.type === 'ticket_redeemed')
    await until('the events of all redemptions', () => redemptions().length >= kept().length - settled.size)
    const redeemed = redemptions()
    expect(redeemed.map(({ ticketHash }) => ticketHash)).toContain(won)
    const client = clientOf(network)
    const { deposit } = await getSenderInfo(client, devnetAddress('gateway'))
    const paidOut = redeemed.reduce((sum, { paidWei }) => sum + BigInt(paidWei), 0n)
    expect(deposit).toBe(before.depositWei - paidOut)
    expect(await isUsedTicket(client, won as `0x${string}`)).toBe(true)
    console.log(`  stopped at block ${before.block}, went on at ${after.block}, redeemed ${redeemed.length} tickets`)
  }, 180_000)

  it('starts anew when it is asked to', async () => {
    await using running = await start({ fresh: true })
    // The ticket that was redeemed on the old chain was never seen on this one.
    expect(await isUsedTicket(clientOf(running.network), won as `0x${string}`)).toBe(false)
    expect((await chainFacts(running.network)).depositWei).toBe(GENESIS.deposit)
    expect(kept()).toEqual([])
  }, 60_000)
})

/** What must be the same before and after a stop. */
async function chainFacts(network: Network) {
  const client = clientOf(network)
  await until('the chain on the page', () => network.hub.view().chain !== undefined)
  const block = await client.rpc.getBlockNumber()
  const { deposit, reserve } = await getSenderInfo(client, devnetAddress('gateway'), { block })
  const balances = await Promise.all(
    DEVNET_ACCOUNTS.map((account) => client.rpc.getBalance({ address: devnetAddress(account), blockNumber: block })),
  )
  const { orchestrators, round } = network.hub.view().chain as NodeEventOf<'chain_state'>
  const stakes = orchestrators.map(({ address, stakeLpt, delegators }) => ({ address, stakeLpt, delegators }))
  return { block, round, depositWei: deposit, reserveWei: reserve.fundsRemaining, balances, stakes }
}

function clientOf({ client }: Network): ChainClient {
  if (!client) throw new Error('the network has no chain')
  return client
}

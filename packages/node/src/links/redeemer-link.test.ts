import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, ManualClock, silentLog, systemClock } from '@millrace/base'
import { freePort } from '@millrace/base/node'
import { devnetPaymentParameters, MemoryTicketStore, type SenderInfo } from '@millrace/payments'
import type { Address } from '@millrace/wire'
import { afterEach, describe, expect, it } from 'vitest'
import type { ChainAccess } from '../chain-access.ts'
import { Redeemer } from '../redeemer/redeemer.ts'
import { openNodeStore } from '../store/node-store.ts'
import { TicketOutbox } from '../store/ticket-outbox.ts'
import { RemoteRedeemer } from './grpc/redeemer-client.ts'
import { RedeemerServer, type RedeemerService } from './grpc/redeemer-server.ts'
import { heldBy, RECIPIENT, redeemerLinkSuite, SENDER, untilHeld, wonTicket } from './redeemer-link.suite.ts'

const cleanUp: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const work of cleanUp.splice(0).reverse()) await work()
})

/** A clock whose pauses are short, for the pause between two tries. */
const hurried: Clock = { ...systemClock, sleep: (_, options) => systemClock.sleep(10, options) }

/** A redeemer on a chain that stands still. */
function openRedeemer() {
  const funds = new Map<Address, SenderInfo>()
  const listeners: ((sender: Address) => void)[] = []
  const store = new MemoryTicketStore()
  const nothing = { deposit: 0n, withdrawRound: 0n, reserve: { fundsRemaining: 0n, claimedInCurrentRound: 0n } }
  const chain = {
    reserves: {
      senderInfo: async (sender: Address) => funds.get(sender) ?? nothing,
      claimedReserve: async () => 0n,
    },
    clock: { lastInitializedRound: () => 5n, lastSeenL1Block: () => 50n, transcoderPoolSize: () => 2n },
    senders: { onChange: (listener: (sender: Address) => void) => listeners.push(listener) },
    feed: { onBlock: () => {} },
    rounds: { lastSeenBlock: () => 50n },
    gasPrices: { gasPrice: () => 1n },
  } as unknown as ChainAccess
  const redeemer = new Redeemer(
    { recipient: RECIPIENT, parameters: devnetPaymentParameters },
    { chain, sender: undefined as never, store, tell: () => {}, log: silentLog },
  )
  return {
    redeemer,
    store,
    fund: (sender: Address, floatWei: bigint) => {
      // Two orchestrators share every reserve.
      funds.set(sender, { ...nothing, reserve: { fundsRemaining: 2n * floatWei, claimedInCurrentRound: 0n } })
      for (const listener of listeners) listener(sender)
    },
  }
}

async function openFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-redeemer-'))
  cleanUp.push(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function openServer(redeemer: RedeemerService, port = 0): Promise<RedeemerServer> {
  const server = new RedeemerServer(
    { host: '127.0.0.1', port, folder: await openFolder() },
    { redeemer, log: silentLog },
  )
  await server.start()
  cleanUp.push(() => server.stop())
  return server
}

/** The orchestrator's side, with its outbox in a real file. */
async function openRemote(port: number, options: { path?: string; clock?: Clock } = {}) {
  const path = options.path ?? join(await openFolder(), 'store.sqlite')
  const db = openNodeStore(path)
  const outbox = new TicketOutbox(db)
  const remote = new RemoteRedeemer(
    { uri: `https://127.0.0.1:${port}` },
    { outbox, log: silentLog, clock: options.clock ?? hurried },
  )
  await remote.start()
  let closed = false
  const close = async () => {
    if (closed) return
    closed = true
    await remote.stop()
    db.close()
  }
  cleanUp.push(close)
  return { remote, outbox, path, close }
}

describe('redeemer link: in process', () =>
  redeemerLinkSuite(async () => {
    const { redeemer, store, fund } = openRedeemer()
    return { link: redeemer, store, fund, close: async () => {} }
  }))

describe('redeemer link: over gRPC', () =>
  redeemerLinkSuite(async () => {
    const { redeemer, store, fund } = openRedeemer()
    const server = await openServer(redeemer)
    const { remote } = await openRemote(server.port)
    return { link: remote, store, fund, close: async () => {} }
  }))

describe('a redeemer in another process', () => {
  it('that is down gets its tickets when it is back', async () => {
    const port = await freePort()
    const { remote, outbox } = await openRemote(port)
    await remote.queueTicket(wonTicket(1))
    await remote.queueTicket(wonTicket(2))
    expect(outbox.list(10)).toHaveLength(2)
    const { redeemer, store } = openRedeemer()
    await openServer(redeemer, port)
    expect(await untilHeld(store, 2)).toEqual([wonTicket(1), wonTicket(2)])
    await expect.poll(() => outbox.list(10)).toEqual([])
  })

  it('gets what an orchestrator had won before it crashed', async () => {
    const port = await freePort()
    const first = await openRemote(port)
    await first.remote.queueTicket(wonTicket(1))
    await first.close()
    const { redeemer, store } = openRedeemer()
    await openServer(redeemer, port)
    const { outbox } = await openRemote(port, { path: first.path })
    expect(await untilHeld(store, 1)).toEqual([wonTicket(1)])
    await expect.poll(() => outbox.list(10)).toEqual([])
  })

  it('that refuses one ticket gets the others', async () => {
    const { redeemer, store } = openRedeemer()
    const server = await openServer(redeemer)
    const { remote, outbox } = await openRemote(server.port)
    const foreign = wonTicket(1, '0x00000000000000000000000000000000000000cc')
    await remote.queueTicket(foreign)
    await remote.queueTicket(wonTicket(2))
    expect(await untilHeld(store, 1)).toEqual([wonTicket(2)])
    await expect.poll(() => outbox.list(10).map(({ hash }) => hash)).toEqual([foreign.hash])
    expect(await heldBy(store)).toHaveLength(1)
  })

  it('gets a ticket that wins at the moment when all others are handed over', async () => {
    const { redeemer, store } = openRedeemer()
    const server = await openServer(redeemer)
    const { remote, outbox } = await openRemote(server.port)
    const list = outbox.list.bind(outbox)
    let late = false
    outbox.list = (limit) => {
      const waiting = list(limit)
      if (waiting.length === 0 && !late) {
        late = true
        queueMicrotask(() => void remote.queueTicket(wonTicket(2)))
      }
      return waiting
    }
    await remote.queueTicket(wonTicket(1))
    expect(await untilHeld(store, 2)).toEqual([wonTicket(1), wonTicket(2)])
  })

  it('is asked again for a max float without news, over the one stream that tells changes', async () => {
    const { redeemer, fund } = openRedeemer()
    const asked: string[] = []
    const service: RedeemerService = {
      recipient: RECIPIENT,
      queueTicket: (ticket) => redeemer.queueTicket(ticket),
      maxFloat: (sender) => redeemer.maxFloat(sender),
      senders: {
        watch: (sender, listener) => {
          asked.push(sender)
          return redeemer.senders.watch(sender, listener)
        },
      },
    }
    const server = await openServer(service)
    const clock = new ManualClock(1_000_000)
    const { remote } = await openRemote(server.port, { clock })
    fund(SENDER, 10n)
    expect(await remote.maxFloat(SENDER)).toBe(10n)
    await expect.poll(() => asked).toEqual([SENDER])
    for (let i = 0; i < 3; i++) {
      await clock.advance(5 * 60_000 + 1)
      expect(await remote.maxFloat(SENDER)).toBe(10n)
    }
    fund(SENDER, 20n)
    await expect.poll(() => remote.maxFloat(SENDER)).toBe(20n)
    expect(asked).toEqual([SENDER])
  })

  it('that goes away makes the float unknown instead of old', async () => {
    const { redeemer, fund } = openRedeemer()
    const server = await openServer(redeemer)
    const { remote } = await openRemote(server.port)
    fund(SENDER, 10n)
    expect(await remote.maxFloat(SENDER)).toBe(10n)
    await server.stop()
    await expect
      .poll(() => remote.maxFloat(SENDER).catch((error: { code?: string }) => error.code), { timeout: 5_000 })
      .toBe('peer_unreachable')
  })
})

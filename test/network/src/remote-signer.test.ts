import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '@millrace/base/node'
import { devnetAddress, devnetKeyHex } from '@millrace/devnet'
import { makeTestClip, type TestClip } from '@millrace/media/testing'
import { DEFAULT_LADDER } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allFees, allWei, eventsOf, transfers, until } from './ledger.ts'
import { startTestNetwork } from './network-fixture.ts'
import { push } from './push.ts'

/** The long form of the suite (npm run test:network) sends more, and waits until tickets are redeemed. */
const LONG = process.env.MILLRACE_NETWORK_SEGMENTS !== undefined
const SEGMENTS = LONG ? 30 : 4

describe('a gateway whose key is with a signer, a process each', () => {
  let running: Awaited<ReturnType<typeof startTestNetwork>>
  let clip: TestClip
  let firstBlock = 0n
  let weiBefore = 0n

  beforeAll(async () => {
    const signerAt = [await freePort(), await freePort()] as const
    ;[clip, running] = await Promise.all([
      makeTestClip({ seconds: 4, width: 320, height: 180, fps: 30, seed: 8 }),
      startTestNetwork('a process each', { ladder: DEFAULT_LADDER.slice(0, 1), signerAt }),
    ])
    const { client } = running.network
    if (!client) throw new Error('the network has no chain')
    firstBlock = await client.rpc.getBlockNumber()
    weiBefore = await allWei(client, firstBlock)
  }, 120_000)
  afterAll(async () => running?.[Symbol.asyncDispose]())

  let sent = 0
  const send = () => {
    const seq = sent++
    return push(running.network.gatewayUrl, { stream: 'clip', ...clip.segments[seq % clip.segments.length]!, seq })
  }

  it('buys from the orchestrators that the signer finds, and pays for every segment by both ledgers', async () => {
    const { network } = running
    for (let i = 0; i < SEGMENTS; i++) {
      const pushed = await send()
      expect(pushed).toMatchObject({ status: 200, text: '' })
      expect(pushed.feeWei).toBeGreaterThan(0n)
      expect([devnetAddress('orchestrator1'), devnetAddress('orchestrator2')]).toContain(pushed.orchestrator)
    }
    await until('all segments', () => eventsOf(network, 'segment_transcoded').length >= SEGMENTS)
    const transcoded = network.hub.recent().filter((event) => event.type === 'segment_transcoded')
    expect(transcoded.every((event) => event.paid && BigInt(event.feeWei) > 0n)).toBe(true)
    const debits = network.hub.recent().filter((event) => event.type === 'segment_debited')
    expect(debits.length).toBeGreaterThanOrEqual(SEGMENTS)
    expect(debits.every((event) => event.sender === devnetAddress('gateway') && BigInt(event.balanceWei) >= 0n)).toBe(
      true,
    )
    expect(network.hub.view().totals).toMatchObject({ paid: SEGMENTS, missing: 0, fallback: 0 })
  }, 60_000)

  it('pays no more tickets than a gateway with the key in it: what is left over is used up', async () => {
    const { ticketsSent, feesWei } = running.network.hub.view().totals
    const submitted = running.network.hub.recent().filter((event) => event.type === 'segment_submitted')
    const bought = submitted.reduce((sum, event) => sum + BigInt(event.expectedValueWei), 0n)
    const sessions = new Set(submitted.map(({ sessionId }) => sessionId)).size
    // What a session has in credit at the end is less than the estimate for one segment, which is 60 frames for 30.
    const most = (feesWei * 21n) / BigInt(10 * SEGMENTS)
    console.log(`  ${ticketsSent} tickets of ${bought} wei for fees of ${feesWei} wei, ${sessions} sessions`)
    expect(bought).toBeGreaterThanOrEqual(feesWei)
    expect(bought - feesWei).toBeLessThanOrEqual(BigInt(sessions) * most)
  })

  it('has no key: not in its folder, not in its configuration, not in its log', () => {
    const { folder } = running
    const key = devnetKeyHex('gateway').slice(2)
    expect(existsSync(join(folder, 'nodes', 'signer', 'keystore'))).toBe(true)
    expect(existsSync(join(folder, 'nodes', 'gateway', 'keystore'))).toBe(false)
    const files = [
      ...readdirSync(join(folder, 'nodes', 'gateway'), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(json|pem|log)$/.test(name))
        .map((name) => join(folder, 'nodes', 'gateway', name)),
      join(folder, 'logs', 'gateway.log'),
      join(folder, 'logs', 'signer.log'),
    ]
    expect(files.length).toBeGreaterThan(2)
    for (const file of files) expect(readFileSync(file, 'utf8'), file).not.toContain(key)
  })

  it('shows the source while the signer is dead, blames no orchestrator, and pays again when it is back', async () => {
    const { network } = running
    await network.kill('signer')
    const pushed = await send()
    expect(pushed.feeWei).toBe(0n)
    expect(eventsOf(network, 'orchestrator_suspended')).toEqual([])
    const warned = () => network.hub.recent().filter((event) => event.type === 'warning')
    await until('the warning', () => warned().some(({ code }) => code === 'signer_unreachable'))
    await network.restart('signer')
    // What it must know of the session came back to it with the next request.
    const again = await send()
    expect(again).toMatchObject({ status: 200, text: '' })
    expect(again.feeWei).toBeGreaterThan(0n)
    await until('the payment', () => network.hub.view().totals.paid > SEGMENTS)
    expect(network.hub.view().totals).toMatchObject({ paid: SEGMENTS + 1, missing: 0, fallback: 1 })
  }, 60_000)

  it.runIf(LONG)(
    'has its tickets redeemed from the deposit of the signer',
    async () => {
      const { network } = running
      for (let i = 0; network.hub.view().totals.ticketsWon === 0 && i < 80; i++) await send()
      await until('a redeemed ticket', () => network.hub.view().totals.ticketsRedeemed > 0, 90_000)
      const block = await network.client!.rpc.getBlockNumber()
      const paid = await transfers(network.client!, firstBlock, block)
      expect(paid.count).toBeGreaterThanOrEqual(1)
      const fees = await allFees(network.client!, block)
      expect(paid.wei - fees).toBeGreaterThanOrEqual(0n)
      expect(paid.wei - fees).toBeLessThanOrEqual(BigInt(paid.count) * 6n)
      console.log(`  ${paid.count} tickets redeemed for ${paid.wei} wei, fees on chain ${fees} wei`)
    },
    180_000,
  )

  it('makes and loses no wei', async () => {
    const { client } = running.network
    const block = await client!.rpc.getBlockNumber()
    expect(block).toBeGreaterThan(firstBlock)
    expect(await allWei(client!, block)).toBe(weiBefore)
  })
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectChain, DEVNET_CHAIN_ID, isUsedTicket } from '@millrace/chain'
import { DEFAULT_PORTS, freePortOffset, preparedNetwork } from '@millrace/devnet'
import { makeTestClip, type TestClip } from '@millrace/media/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blocksLeft, until } from '../ledger.ts'
import { descendants, isRunning } from '../processes.ts'
import { push } from '../push.ts'
import { keptTickets } from '../stores.ts'
import { Up } from '../up.ts'

const REDEEMERS = ['redeemer-1', 'redeemer-2'] as const

describe('millrace up --processes, ended by SIGKILL', () => {
  let clip: TestClip
  let folder: string
  let offset: number

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-killed-'))
    clip = await makeTestClip({ seconds: 8, width: 320, height: 180, seed: 13 })
    offset = await freePortOffset()
  })
  afterAll(async () => rm(folder, { recursive: true, force: true }))

  it('takes all its processes with it, starts again, and no winning ticket that was taken is lost', async () => {
    const chainUrl = `http://127.0.0.1:${DEFAULT_PORTS.chain + offset}`
    const gatewayUrl = `http://127.0.0.1:${DEFAULT_PORTS.gatewayHttp + offset}`
    const { controller } = await preparedNetwork()
    const connect = () => connectChain({ url: chainUrl, controller, chainId: DEVNET_CHAIN_ID })

    let acknowledged: readonly string[] = []
    {
      await using first = await Up.start('a process each', folder, offset)
      const client = await connect()
      // Killing sets the chain back by up to two seconds: over the beginning of a round its block hash, and so its tickets, could change.
      await until('a round with time left', async () => (await blocksLeft(client)) > 25n, 90_000)
      for (let seq = 0; first.won.size < 2 && seq < 80; seq++) {
        const segment = clip.segments[seq % clip.segments.length]
        if (!segment) throw new Error('the clip is empty')
        expect(await push(gatewayUrl, { stream: 'killed', ...segment, seq })).toMatchObject({ status: 200 })
      }
      const below = descendants(first.pid)
      expect(below.length).toBeGreaterThanOrEqual(8)
      await first.kill()
      acknowledged = [...first.won]
      await until('the end of all its processes', () => below.every(({ pid }) => !isRunning(pid)), 20_000)
      console.log(`  ${below.length} processes ended after ${acknowledged.length} tickets had been won`)
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(1)
    const kept = REDEEMERS.flatMap((node) => keptTickets(folder, node))
    expect(kept.map(({ hash }) => hash)).toEqual(expect.arrayContaining([...acknowledged]))
    expect(kept.filter(({ status }) => status === 'dropped')).toEqual([])

    await using second = await Up.start('a process each', folder, offset)
    const client = await connect()
    const segment = clip.segments[0]
    if (!segment) throw new Error('the clip is empty')
    expect(await push(gatewayUrl, { stream: 'after', ...segment })).toMatchObject({ status: 200 })
    await until('all redemptions', async () => {
      const used = await Promise.all(acknowledged.map((hash) => isUsedTicket(client, hash as `0x${string}`)))
      return used.every(Boolean)
    })
    console.log(`  all ${acknowledged.length} were redeemed on chain after the second start (pid ${second.pid})`)
  }, 240_000)
})

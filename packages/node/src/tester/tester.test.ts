import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock, silentLog, systemClock } from '@millrace/base'
import { makeTestClip } from '@millrace/media/testing'
import { DEFAULT_LADDER, nodeId } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningNode, startNode } from '../compose.ts'
import { EventHub } from '../events/event-hub.ts'
import { PerfScores } from '../gateway/perf-scores.ts'
import { LeaderboardServer } from './leaderboard-server.ts'
import { ScoreBoard } from './score-board.ts'
import { Tester } from './tester.ts'

const memory = () => {
  const kept = new Map<string, string>()
  return { get: (key: string) => kept.get(key), set: (key: string, value: string) => void kept.set(key, value) }
}

describe('a tester', () => {
  const SEGMENT = { data: new Uint8Array(1), hash: new Uint8Array(32), durationMs: 2_000 }
  const TESTEES = ['quick', 'slow', 'failing'].map((name) => ({ serviceUri: `https://${name}`, address: undefined }))

  function open() {
    const clock = new ManualClock(1_000_000_000)
    const board = new ScoreBoard({ store: memory(), clock })
    const sent: { uri: string; atMs: number }[] = []
    const streams = { open: 0, most: 0 }
    const tester = new Tester(
      { region: 'FRA', intervalMs: 60_000 },
      {
        find: async () => TESTEES,
        clip: async () => [SEGMENT, SEGMENT, SEGMENT],
        openStream: ({ serviceUri }) => {
          streams.most = Math.max(streams.most, ++streams.open)
          return {
            send: async () => {
              sent.push({ uri: serviceUri, atMs: clock.now() })
              await clock.sleep(serviceUri.includes('slow') ? 3_000 : 500)
              return serviceUri.includes('failing')
                ? { ok: false as const, code: 'peer_unreachable', message: 'x'.repeat(1_000) }
                : { ok: true as const }
            },
            close: async () => void streams.open--,
          }
        },
        board,
        clock,
        log: silentLog,
      },
    )
    return { tester, board, clock, sent, streams }
  }

  async function pass(clock: ManualClock, ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 500) {
      await new Promise(setImmediate)
      await clock.advance(500)
    }
    await new Promise(setImmediate)
  }

  it('streams to one orchestrator after the other at the speed of a clock, and begins again after the interval', async () => {
    const { tester, sent, clock, streams } = open()
    await tester.start()
    await pass(clock, 40_000)
    expect(sent.filter(({ uri }) => uri.includes('quick')).map(({ atMs }) => atMs - 1_000_000_000)).toEqual([
      0, 2_000, 4_000,
    ])
    expect(sent).toHaveLength(9)
    expect(streams).toEqual({ open: 0, most: 1 })
    await pass(clock, 21_000)
    expect(sent.length).toBeGreaterThan(9)
    const stopping = tester.stop()
    await pass(clock, 5_000)
    await stopping
    expect(streams.open).toBe(0)
  })

  it('keeps what came of it', async () => {
    const { tester, board, clock } = open()
    await tester.start()
    await pass(clock, 40_000)
    const stopping = tester.stop()
    const scores = board.aggregated()
    expect(scores['https://quick']!.FRA!.score).toBeGreaterThan(scores['https://slow']!.FRA!.score)
    expect(scores['https://failing']!.FRA).toEqual({ success_rate: 0, round_trip_score: 0, score: 0 })
    const [run] = board.raw()['https://failing']!.FRA!
    expect(run!.errors).toEqual([{ code: 'peer_unreachable', message: 'x'.repeat(300), count: 3 }])
    await stopping
  })

  it('a leaderboard refuses what it cannot read, and changes nothing', async () => {
    const server = new LeaderboardServer(
      { host: '127.0.0.1', port: 0 },
      { board: new ScoreBoard({ store: memory(), clock: systemClock }) },
    )
    await server.start()
    const status = async (path: string, init?: RequestInit) => (await fetch(`${server.url}${path}`, init)).status
    expect(await status('/api/aggregated_stats?since=yesterday')).toBe(400)
    expect(await status('/api/raw_stats')).toBe(400)
    expect(await status('/api/raw_stats?orchestrator=__proto__')).toBe(200)
    expect(await status('/api/aggregated_stats', { method: 'POST', body: '{}' })).toBe(405)
    expect(await status('/etc/passwd')).toBe(404)
    await server.stop()
  })
})

describe('a tester of real orchestrators', () => {
  let folder: string
  let orchestrator: RunningNode
  let tester: RunningNode

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-tester-'))
    const clip = await makeTestClip({ seconds: 2, segmentMs: 1_000, width: 160, height: 90, fps: 10, audio: false })
    const path = join(folder, 'clip.ts')
    await writeFile(path, Buffer.concat(clip.segments.map(({ data }) => data)))
    const LOCAL = { host: '127.0.0.1', port: 0 }
    const deps = { hub: new EventHub(), log: silentLog }
    const common = { network: { kind: 'offchain' }, operator: LOCAL } as const
    const ports = await freePorts(2)
    const uri = `https://127.0.0.1:${ports[0]}`
    orchestrator = await startNode(
      {
        ...common,
        nodeId: nodeId('o'),
        folder: join(folder, 'o'),
        orchestrator: {
          serviceUri: uri,
          listen: { host: '127.0.0.1', port: ports[0]! },
          pricePerPixel: { num: 0n, den: 1n },
          maxSessions: 5,
          callReward: false,
          initializeRounds: false,
        },
        worker: { workerId: nodeId('w'), capacity: 5, engine: 'auto', preset: 'ultrafast' },
      },
      deps,
    )
    tester = await startNode(
      {
        ...common,
        nodeId: nodeId('t'),
        folder: join(folder, 't'),
        tester: {
          listen: { host: '127.0.0.1', port: ports[1]! },
          region: 'fra',
          intervalMs: 3_600_000,
          clip: path,
          ladder: DEFAULT_LADDER.slice(3),
          orchestrators: [uri, 'https://127.0.0.1:1'],
        },
      },
      deps,
    )
    url = `http://127.0.0.1:${ports[1]}/api/aggregated_stats`
    alive = uri
  }, 60_000)

  let url: string
  let alive: string

  afterAll(async () => {
    await tester?.stop()
    await orchestrator?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('scores the one that transcodes and the one that is not there, and a gateway reads the scores', async () => {
    await expect
      .poll(async () => Object.keys((await (await fetch(url)).json()) as object).length, { timeout: 25_000 })
      .toBe(2)
    const stats = (await (await fetch(url)).json()) as Record<string, Record<string, Record<string, number>>>
    expect(stats[alive]!.FRA!.success_rate).toBe(1)
    expect(stats[alive]!.FRA!.score).toBeGreaterThan(0)
    expect(stats['https://127.0.0.1:1']!.FRA!.score).toBe(0)
    const scores = new PerfScores({ url, region: 'FRA' }, { clock: systemClock, log: silentLog })
    await scores.refresh()
    expect(scores.get('0x0000000000000000000000000000000000000000', alive)).toBe(stats[alive]!.FRA!.score)
  })
})

async function freePorts(count: number): Promise<number[]> {
  const { createServer } = await import('node:net')
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

// Requests for playlists that a gateway answers per second of its processor time: the gateway is a process of its own with one live stream,
// and viewers in another process ask over loopback, each on a connection that stays open.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { silentLog } from '@millrace/base'
import { freeNetworkPorts, Network } from '@millrace/devnet'
import { floor, ownCpuSecondsOf, spread, summary, table } from '../measure.js'

const LEAST_A_SECOND = 18_000
const VIEWERS = fileURLToPath(new URL('viewers.js', import.meta.url))

export async function bench({ quick, root }) {
  const rounds = quick ? 2 : 5
  const seconds = quick ? 3 : 6
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const ports = await freeNetworkPorts()
  const network = await Network.start(
    {
      dataFolder: folder,
      ports,
      offchain: true,
      ladder: [],
      source: { kind: 'generated', name: 'bench' },
      processes: { program: join(root, 'apps/cli/bin/millrace.js') },
    },
    { log: silentLog },
  )
  const stream = `${network.gatewayUrl}/cmaf/bench`
  try {
    for (let i = 0; !(await fetch(`${stream}/ll.m3u8`)).ok; i++) {
      if (i > 300) throw new Error('the stream did not begin')
      await sleep(100)
    }
    const pid = network.pid('gateway')
    const loads = {
      'plain, LL-HLS': { path: '/cmaf/bench/source/ll.m3u8', viewers: 32 },
      'plain, HLS with fMP4': { path: '/cmaf/bench/source/fmp4.m3u8', viewers: 32 },
      'blocking, LL-HLS, each part awaited': { path: '/cmaf/bench/source/ll.m3u8', viewers: 2_000, blocking: true },
      'newest part, once each': { path: '/cmaf/bench/source/ll.m3u8', viewers: 200, parts: true },
    }
    const found = Object.fromEntries(Object.keys(loads).map((name) => [name, { perCpu: [], perSecond: [], late: [] }]))
    for (let round = -1; round < rounds; round++)
      for (const [name, load] of Object.entries(loads)) {
        // What the stream itself costs is measured just before, and taken off.
        const idleFrom = ownCpuSecondsOf(pid)
        await sleep(1_000)
        const idle = ownCpuSecondsOf(pid) - idleFrom
        const viewers = fork(VIEWERS, [JSON.stringify({ ...load, port: ports.gatewayHttp, seconds })])
        await once(viewers, 'message')
        const before = ownCpuSecondsOf(pid)
        viewers.send('go')
        const [{ requests, ms, failed, p99 }] = await once(viewers, 'message')
        const cpu = ownCpuSecondsOf(pid) - before - (idle * ms) / 1_000
        viewers.kill()
        await once(viewers, 'exit')
        if (failed > 0) throw new Error(`${failed} of ${requests} requests failed (${name})`)
        // The round before the first warms up compilers and caches.
        if (round < 0) continue
        found[name].perCpu.push(requests / cpu)
        found[name].perSecond.push((requests * 1_000) / ms)
        found[name].late.push(p99)
      }
    table(
      [`requests, median (least to most) of ${rounds}`, 'a second of one core', 'a second here', 'wait p99, ms'],
      Object.entries(found).map(([name, { perCpu, perSecond, late }]) => [
        name,
        spread(perCpu, 0),
        spread(perSecond, 0),
        spread(late, 0),
      ]),
    )
    for (const name of ['plain, LL-HLS', 'blocking, LL-HLS, each part awaited'])
      floor(
        `playlist requests a second of one core, ${name}`,
        summary(found[name].perCpu).median,
        LEAST_A_SECOND,
        'a second',
      )
  } finally {
    await network.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

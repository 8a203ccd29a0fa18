// What taking a stream of 6 Mb/s by RTMP costs a gateway that transcodes nothing: it cuts segments, hashes them and keeps them for viewers.
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { silentLog } from '@millrace/base'
import { freeNetworkPorts, Network } from '@millrace/devnet'
import { makeMediaFile, publishFile } from '@millrace/media/testing'
import { ownCpuSecondsOf, spread, summary, table } from '../measure.js'

const BITRATE = 6_000_000

export async function bench({ quick, root }) {
  const rounds = quick ? 2 : 5
  const seconds = quick ? 8 : 16
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const path = join(folder, 'clip.mkv')
  await makeMediaFile({
    path,
    format: 'matroska',
    video: 'h264',
    audio: 'aac',
    seconds: seconds + 6,
    width: 1280,
    height: 720,
    fps: 30,
    bitrateBps: BITRATE,
    // Noise, so that the encoder needs the bits it may spend.
    filter: 'noise=alls=20:allf=t',
    encoder: { 'x264-params': 'nal-hrd=cbr:vbv-maxrate=6000:vbv-bufsize=6000' },
  })
  const megabits = ((await stat(path)).size * 8) / (seconds + 6) / 1e6
  const ports = await freeNetworkPorts()
  const network = await Network.start(
    {
      dataFolder: folder,
      ports,
      offchain: true,
      ladder: [],
      processes: { program: join(root, 'apps/cli/bin/millrace.js') },
    },
    { log: silentLog },
  )
  try {
    const pid = network.pid('gateway')
    const found = { 1: [], 4: [] }
    for (let round = -1; round < rounds; round++)
      for (const streams of [1, 4]) {
        const idleFrom = ownCpuSecondsOf(pid)
        await sleep(2_000)
        const idle = (ownCpuSecondsOf(pid) - idleFrom) / 2
        const sent = Array.from({ length: streams }, (_, i) =>
          publishFile({ path, url: `rtmp://127.0.0.1:${ports.rtmp}/live/bench${i}`, realtime: true }),
        )
        await sleep(3_000)
        const from = ownCpuSecondsOf(pid)
        const began = performance.now()
        await sleep(seconds * 1_000)
        const cpu = ownCpuSecondsOf(pid) - from
        const passed = (performance.now() - began) / 1_000
        await Promise.all(sent)
        if (round >= 0) found[streams].push((100 * (cpu / passed - idle)) / streams)
      }
    table(
      [`streams of ${megabits.toFixed(1)} Mb/s`, `percent of a core for each, median (least to most) of ${rounds}`],
      Object.entries(found).map(([streams, values]) => [streams, spread(values)]),
    )
    console.log(`  one core takes about ${Math.round(100 / summary(found[4]).median)} such streams`)
  } finally {
    await network.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

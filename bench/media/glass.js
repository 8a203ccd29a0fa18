// From the drawing of a picture to its showing in a browser, over a paid network on this machine: the clock in the pictures is read back.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { freeNetworkPorts, Network } from '@millrace/devnet'
import { DEFAULT_LADDER } from '@millrace/wire'
import { launchBrowser, serveClockPage, waitFor, watchClock } from '../clock-page.js'
import { bound, table } from '../measure.js'

const STREAM = 'glass'
/** 360p and 240p of a source of 640x360 at 30 pictures a second: what two cores make beside a browser that decodes. */
const LADDER = DEFAULT_LADDER.slice(2)
export async function bench({ quick, root }) {
  const seconds = quick ? 10 : 30
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const ports = await freeNetworkPorts()
  const source = { kind: 'generated', name: STREAM, width: 640, height: 360, bitrateBps: 1_500_000 }
  const network = await Network.start(
    { dataFolder: folder, ports, source, ladder: LADDER, preset: 'veryfast' },
    { log: silentLog },
  )
  const page = await serveClockPage(root)
  const browser = await launchBrowser()
  try {
    await waitFor(() => network.hub.view().totals.segmentsOut >= 3)
    const base = `${network.gatewayUrl}/cmaf/${STREAM}`
    const ways = [
      ['LL-HLS, source', 'playHls', `${base}/source/ll.m3u8`],
      ...LADDER.map(({ name }) => [`LL-HLS, ${name}, paid`, 'playHls', `${base}/${name}/ll.m3u8`]),
      ...['source', ...LADDER.map(({ name }) => name)].map((name) => [
        `WHEP, ${name}${name === 'source' ? '' : ', paid'}`,
        'playWhep',
        `${network.gatewayUrl}/webrtc/whep/${STREAM}?rendition=${name}`,
      ]),
    ]
    const rows = []
    for (const [what, how, url] of ways) {
      const figures = await watchClock(browser, page.url, { how, url, seconds })
      console.log(
        `  ${what}: ${figures.count} pictures, p50 ${figures.p50} ms, p95 ${figures.p95} ms, most ${figures.most} ms`,
      )
      rows.push([what, figures.count, figures.p50, figures.p95, figures.most])
      bound(`glass to glass, ${what}, p95`, figures.p95 / 1000, what.startsWith('WHEP') ? 0.5 : 2, 's')
    }
    table(['glass to glass over the paid network, ms', 'pictures', 'median', 'p95', 'most'], rows)
    const { segmentsOut, paid, fallback, missing } = network.hub.view().totals
    console.log(`  ${segmentsOut} segments, ${paid} paid, ${fallback} fallback, ${missing} missing`)
  } finally {
    await browser.close()
    page.close()
    await network.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

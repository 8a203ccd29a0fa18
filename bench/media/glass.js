// From the drawing of a picture to its showing in a browser, over a paid network on this machine: the clock in the pictures is read back.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { silentLog } from '@millrace/base'
import { freeNetworkPorts, Network } from '@millrace/devnet'
import { DEFAULT_LADDER } from '@millrace/wire'
import { chromium } from 'playwright-core'
import { bound, onPath, table } from '../measure.js'

const STREAM = 'glass'
/** 360p and 240p of a source of 640x360 at 30 pictures a second: what two cores make beside a browser that decodes. */
const LADDER = DEFAULT_LADDER.slice(2)
const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--autoplay-policy=no-user-gesture-required',
  '--allow-loopback-in-peer-connection',
]

export async function bench({ quick, root }) {
  const seconds = quick ? 10 : 30
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const ports = await freeNetworkPorts()
  const source = { kind: 'generated', name: STREAM, width: 640, height: 360, bitrateBps: 1_500_000 }
  const network = await Network.start(
    { dataFolder: folder, ports, source, ladder: LADDER, preset: 'veryfast' },
    { log: silentLog },
  )
  const page = await servePage(root)
  const browser = await chromium.launch({ executablePath: onPath('chromium'), args: FLAGS })
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
      const figures = await watch(browser, page.url, { how, url, seconds })
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

/** Plays and gathers how old each picture is when it is shown, after some seconds in which the player finds its distance. */
async function watch(browser, pageUrl, { how, url, seconds }) {
  const page = await browser.newPage()
  try {
    await page.goto(pageUrl)
    await page.evaluate(([play, from]) => window[play](from), [how, url])
    await waitFor(() => page.evaluate(() => window.ages.length > 30 || window.failures.length > 0))
    await sleep(6_000)
    await page.evaluate(() => {
      window.ages.length = 0
    })
    await sleep(1_000 * seconds)
    const { ages, failures } = await page.evaluate(() => ({ ages: window.ages, failures: window.failures }))
    if (failures.length > 0 || ages.length === 0) throw new Error(`nothing was shown: ${failures.join(', ')}`)
    const sorted = ages.sort((a, b) => a - b)
    const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]
    return { count: sorted.length, p50: at(0.5), p95: at(0.95), most: sorted.at(-1) }
  } finally {
    await page.close()
  }
}

async function servePage(root) {
  const html = await readFile(new URL('./viewer.html', import.meta.url))
  const script = await readFile(join(root, 'node_modules/hls.js/dist/hls.min.js'))
  const server = createServer(({ url }, response) => {
    const isScript = url === '/hls.js'
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html; charset=utf-8' })
    response.end(isScript ? script : html)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() }
}

async function waitFor(condition, limitMs = 60_000) {
  for (const began = Date.now(); !(await condition()); await sleep(100))
    if (Date.now() - began > limitMs) throw new Error('waited too long')
}

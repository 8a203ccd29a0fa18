// A page publishes the time as pictures by WHIP, pipelines work on them at an orchestrator that is paid, and another page reads the time back.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { freeNetworkPorts, Network } from '@millrace/devnet'
import { DEFAULT_LADDER } from '@millrace/wire'
import { launchBrowser, serveClockPage, waitFor, watchClock } from '../clock-page.js'
import { bound, floor, table } from '../measure.js'

const SIZE = { width: 512, height: 288 }
const stage = (pipeline, params = {}) => ({ pipeline, params: { ...SIZE, ...params } })
/** What is measured from glass to glass keeps the strip with the time; matting replaces all that is no person, so only its stages are. */
const WAYS = [
  { what: 'effects (none), 512×288', cascade: [stage('millrace/effects', { effect: 'none' })], shows: true },
  {
    what: 'effects twice, at one orchestrator each',
    cascade: [stage('millrace/effects', { effect: 'none' }), stage('millrace/effects', { effect: 'none' })],
    shows: true,
  },
  { what: 'objects, 512×288', cascade: [stage('millrace/live-objects')], shows: true },
  { what: 'matting, 512×288', cascade: [stage('millrace/live-matting', { background: 'colour' })], shows: false },
]
const MODELS = ['millrace/effects', 'millrace/live-objects', 'millrace/live-matting']

export async function bench({ quick, root }) {
  const seconds = quick ? 8 : 30
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const aiModels = MODELS.map((modelId) => ({
    ...{ pipeline: 'live-video-to-video', modelId, adapter: 'embedded', warm: true },
  }))
  const network = await Network.start(
    {
      dataFolder: folder,
      ports: await freeNetworkPorts(),
      ladder: DEFAULT_LADDER.slice(3),
      preset: 'ultrafast',
      aiModels,
    },
    { log: silentLog },
  )
  let paid = 0
  let swaps = 0
  network.hub.listen((event) => {
    if (event.type === 'live_ai_paid') paid++
    if (event.type === 'live_ai_swapped') swaps++
  })
  const pages = await serveClockPage(root)
  const browser = await launchBrowser()
  const live = `${network.gatewayUrl}/live/video-to-video`
  try {
    console.log('  models are fetched where they are not there yet')
    await waitFor(async () => {
      const { pipelines } = await (await fetch(`${live}/pipelines`)).json()
      return MODELS.every((model) => pipelines.some(({ id, warm }) => id === model && warm))
    }, 600_000)
    const rows = []
    for (const [index, way] of WAYS.entries())
      rows.push(await measure(way, { name: `bench${index}`, live, browser, pages, seconds }))
    table(
      [
        'live AI over the paid network, ms',
        'glass to glass p50',
        'p95',
        'pictures a second',
        'at the gateway p50',
        'in the runner',
      ],
      rows,
    )
    console.log(`  ${paid} payments, ${swaps} swaps`)
  } finally {
    await browser.close()
    pages.close()
    await network.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure({ what, cascade, shows }, { name, live, browser, pages, seconds }) {
  const publisher = await browser.newPage()
  try {
    await publisher.goto(pages.url)
    const query = new URLSearchParams({ cascade: JSON.stringify(cascade) })
    // The page is of another site than the gateway, whose publishers come from its own.
    const body = await publisher.evaluate(() => window.filmClock())
    const headers = { 'content-type': 'application/sdp' }
    const answer = await fetch(`${live}/${name}/whip?${query}`, { method: 'POST', headers, body })
    if (answer.status !== 201) throw new Error(await answer.text())
    await publisher.evaluate((sdp) => window.accept(sdp), await answer.text())
    const figures = await watchClock(browser, pages.url, { how: 'playWhep', url: `${live}/${name}-out/whep`, seconds })
    const status = await (await fetch(`${live}/${name}/status`)).json()
    const stages = status.stages ?? [status]
    const inside = stages.map(({ inference_status: { stages_ms: ms = {}, fps } }) => {
      const parts = Object.entries(ms).map(([part, value]) => `${part} ${value.toFixed(1)}`)
      return `${parts.join(', ')} (${fps?.toFixed(0)} fps)`
    })
    const at = stages.map(({ gateway_status: { latency_ms: ms } }) => ms ?? '–').join(' + ')
    if (shows) bound(`glass to glass, ${what}, p95`, figures.p95, 500, 'ms')
    else floor(`pictures a second, ${what}`, figures.fps, 10, 'a second')
    return [what, shows ? figures.p50 : '–', shows ? figures.p95 : '–', figures.fps.toFixed(1), at, inside.join('; ')]
  } finally {
    await publisher.close()
  }
}

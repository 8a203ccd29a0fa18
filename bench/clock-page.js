// A page in a browser that shows the time in pictures, or reads it back from those of a stream.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium } from 'playwright-core'
import { onPath } from './measure.js'

const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--autoplay-policy=no-user-gesture-required',
  '--allow-loopback-in-peer-connection',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
]

export const launchBrowser = () => chromium.launch({ executablePath: onPath('chromium'), args: FLAGS })

/** Serves the page; `root` is that of the repository. */
export async function serveClockPage(root) {
  const html = await readFile(new URL('./clock-page.html', import.meta.url))
  const script = await readFile(join(root, 'node_modules/hls.js/dist/hls.min.js'))
  const server = createServer(({ url }, response) => {
    const isScript = url === '/hls.js'
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html; charset=utf-8' })
    response.end(isScript ? script : html)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() }
}

/** Plays and gathers how old each picture is when it is shown, after some seconds in which the player finds its distance. */
export async function watchClock(browser, pageUrl, { how, url, seconds }) {
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
    return { count: sorted.length, fps: sorted.length / seconds, p50: at(0.5), p95: at(0.95), most: sorted.at(-1) }
  } finally {
    await page.close()
  }
}

export async function waitFor(condition, limitMs = 60_000) {
  for (const began = Date.now(); !(await condition()); await sleep(100))
    if (Date.now() - began > limitMs) throw new Error('waited too long')
}

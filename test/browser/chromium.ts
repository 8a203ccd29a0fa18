import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const USUAL_FOLDERS = ['/usr/bin', '/usr/local/bin', '/snap/bin', '/opt/google/chrome']
const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
]

/** The Chromium of this machine: from the PATH, then from the usual places; undefined where there is none. */
export function findChromium(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...USUAL_FOLDERS].filter(Boolean)
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** With these a page has a camera and a microphone of its own, and may reach this machine by WebRTC. */
export const WEBRTC_FLAGS = [
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  '--allow-loopback-in-peer-connection',
]

/** Starts Chromium with an empty profile of its own, which goes when it is closed. */
export const openChromium = (executablePath: string, flags: readonly string[] = []): Promise<Browser> =>
  chromium.launch({ executablePath, args: [...FLAGS, ...flags] })

/** What a page complained about. */
export type Complaints = { readonly errors: string[]; readonly violations: string[] }

/** Opens a page and gathers errors of its console and breaches of its Content-Security-Policy. */
export async function openPage(
  browser: Browser,
  options: { readonly url: string; readonly width: number; readonly height: number },
): Promise<{ readonly page: Page; readonly complaints: Complaints }> {
  const page = await browser.newPage({ viewport: { width: options.width, height: options.height } })
  const complaints: Complaints = { errors: [], violations: [] }
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.errors.push(`${message.text()} ${message.location().url}`)
  })
  page.on('pageerror', (error) => complaints.errors.push(error.message))
  await page.exposeFunction('tellViolation', (text: string) => complaints.violations.push(text))
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      const { tellViolation } = window as unknown as { tellViolation: (text: string) => void }
      tellViolation(`${violatedDirective} ${blockedURI}`)
    })
  })
  await page.goto(options.url)
  return { page, complaints }
}

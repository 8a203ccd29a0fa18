import type { Page } from 'playwright-core'

/** What a viewer sees of a picture at a moment of the page's clock. */
export type Glance = {
  readonly atMs: number
  /** In ticks of 90 kHz, as the packets have it. */
  readonly rtp: number
  readonly red: number
  readonly green: number
  readonly blue: number
}

type Watching = Window & { glances?: Glance[] }

/** Looks at every picture that the video element of the page shows, from now on. */
export const watch = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const video = document.querySelector('video')
    if (!video) throw new Error('the page plays nothing')
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = 8
    const context = canvas.getContext('2d', { willReadFrequently: true })
    const glances: Glance[] = []
    Object.assign(window, { glances })
    const look = (_: number, about: { readonly rtpTimestamp?: number }) => {
      context?.drawImage(video, 0, 0, 8, 8)
      const { data } = context?.getImageData(0, 0, 8, 8) ?? { data: [] }
      const mean = (from: number) => {
        let sum = 0
        for (let at = from; at < data.length; at += 4) sum += data[at] ?? 0
        return sum / 64
      }
      glances.push({
        atMs: performance.now(),
        rtp: about.rtpTimestamp ?? 0,
        red: mean(0),
        green: mean(1),
        blue: mean(2),
      })
      video.requestVideoFrameCallback(look)
    }
    video.requestVideoFrameCallback(look)
  })

export const glances = (page: Page): Promise<readonly Glance[]> =>
  page.evaluate(() => (window as unknown as Watching).glances ?? [])

/** The page's clock. */
export const pageNow = (page: Page): Promise<number> => page.evaluate(() => performance.now())

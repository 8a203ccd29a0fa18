import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { silentLog } from '@millrace/base'
import { type Av, AvDecoder, loadAv, TsDemuxer } from '@millrace/media/process'
import { TricklePublisher } from '../trickle/trickle-publisher.ts'
import { TrickleServer } from '../trickle/trickle-server.ts'
import { subscribe } from '../trickle/trickle-subscriber.ts'
import { PictureShape } from './bridge/picture-shape.ts'

/** A trickle server with the four channels of a live stream. */
export async function openLiveNetwork() {
  const trickle = new TrickleServer({ autoCreate: true }, { log: silentLog })
  const http = createServer((incoming, outgoing) => void trickle.handle(incoming, outgoing))
  http.requestTimeout = 0
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const url = (name: string) => `http://127.0.0.1:${(http.address() as AddressInfo).port}/ai/trickle/${name}`
  const urls = { input: url('job'), output: url('job-out'), control: url('job-control'), events: url('job-events') }
  const publishers: TricklePublisher[] = []
  const publisher = async (of: string) => {
    const made = new TricklePublisher({ url: of })
    publishers.push(made)
    await made.create()
    return made
  }
  for (const channel of Object.values(urls)) await publisher(channel)
  return {
    urls,
    publisher,
    request: {
      subscribeUrl: urls.input,
      publishUrl: urls.output,
      controlUrl: urls.control,
      eventsUrl: urls.events,
      requestId: 'r1',
    },
    async close() {
      for (const each of publishers) each.stop()
      await trickle.stop()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

/** Reads a channel from its first segment to its end. */
export async function readChannel(url: string): Promise<Uint8Array[]> {
  const segments: Uint8Array[] = []
  for await (const { data } of subscribe({ url, from: 0 })) {
    const chunks: Uint8Array[] = []
    for await (const chunk of data) chunks.push(chunk)
    segments.push(Buffer.concat(chunks))
  }
  return segments
}

export const readEvents = async (url: string): Promise<Record<string, unknown>[]> =>
  (await readChannel(url)).map((bytes) => (JSON.parse(Buffer.from(bytes).toString()) as { event: never }).event)

/** What a viewer sees of a picture. */
export type SeenPicture = {
  readonly pts: number
  readonly width: number
  readonly height: number
  /** Mean of all pixels, 0 to 255. */
  readonly red: number
  readonly green: number
  readonly blue: number
  /** Mean difference between the strongest and the weakest of a pixel's colours: 0 for grey. */
  readonly colour: number
}

/** Decodes a transport stream as it comes. */
export class Viewer {
  readonly pictures: SeenPicture[] = []
  readonly sound: number[] = []
  readonly keyFrames: number[] = []
  readonly #av: Av
  readonly #decoder: AvDecoder
  readonly #demuxer: TsDemuxer
  readonly #onPicture: (picture: SeenPicture) => void

  private constructor(av: Av, onPicture: (picture: SeenPicture) => void) {
    this.#av = av
    this.#onPicture = onPicture
    this.#decoder = new AvDecoder(av, 1)
    this.#decoder.start({ codecId: av.constants.AV_CODEC_ID_H264, extradata: undefined })
    this.#demuxer = new TsDemuxer({
      frame: (frame) => {
        if (frame.kind === 'audio') {
          this.sound.push(frame.pts)
          return
        }
        if (frame.keyFrame) this.keyFrames.push(frame.pts)
        for (const picture of this.#decoder.push(frame)) this.#see(picture)
      },
    })
  }

  static open = async (onPicture: (picture: SeenPicture) => void = () => {}) => new Viewer(await loadAv(), onPicture)

  write(bytes: Uint8Array): void {
    this.#demuxer.push(bytes)
  }

  end(): void {
    this.#demuxer.end()
  }

  #see(picture: Parameters<PictureShape['shape']>[0]): void {
    const { width, height } = picture
    // Scaling takes the frame over.
    const pts = Number(picture.pts)
    const shape = new PictureShape(this.#av, { width, height })
    const { data } = shape.shape(picture)
    shape.close()
    const sum = { red: 0, green: 0, blue: 0, colour: 0 }
    // One pixel of sixteen tells enough.
    for (let at = 0; at < data.length; at += 48) {
      const [r, g, b] = [data[at] as number, data[at + 1] as number, data[at + 2] as number]
      sum.red += r
      sum.green += g
      sum.blue += b
      sum.colour += Math.max(r, g, b) - Math.min(r, g, b)
    }
    const count = data.length / 48
    const { red, green, blue, colour } = sum
    const seen = {
      pts,
      width,
      height,
      red: red / count,
      green: green / count,
      blue: blue / count,
      colour: colour / count,
    }
    this.pictures.push(seen)
    this.#onPicture(seen)
  }
}

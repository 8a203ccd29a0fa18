import { MillraceError } from '@millrace/base'
import { type Av, avError } from '../process/av.ts'

export type SendFileOptions = {
  readonly path: string
  readonly url: string
  /** FFmpeg's name of what is sent; flv unless given. */
  readonly format?: string
  /** At the speed of a clock. */
  readonly realtime?: boolean
}

/** Sends the streams of a file to a server, unchanged, with FFmpeg's own client; throws `publish_failed`. */
export async function sendFile(av: Av, options: SendFileOptions): Promise<void> {
  const failed = (what: string, code: number) => new MillraceError('publish_failed', `${what}: ${avError(code)}`)
  const input = new av.FormatContext()
  input.allocContext()
  const opened = await input.openInput(options.path, null, null)
  if (opened < 0) throw failed(`${options.path} cannot be read`, opened)
  await input.findStreamInfo(null)
  const output = new av.FormatContext()
  output.allocOutputContext2(null, options.format ?? 'flv', options.url)
  const packet = new av.Packet()
  packet.alloc()
  try {
    for (const stream of input.streams) {
      const copy = output.newStream(null)
      stream.codecpar.copy(copy.codecpar)
      copy.codecpar.codecTag = 0
      copy.timeBase = stream.timeBase
    }
    const connected = await output.openOutput()
    if (connected < 0) throw failed('the server did not take the stream', connected)
    const header = await output.writeHeader(null)
    if (header < 0) throw failed('the stream could not begin', header)
    const start = performance.now()
    let origin: number | undefined
    while ((await input.readFrame(packet)) >= 0) {
      const from = input.streams[packet.streamIndex]!.timeBase
      const at = (Number(packet.dts) * from.num * 1_000) / from.den
      origin ??= at
      const wait = at - origin - (performance.now() - start)
      if (options.realtime && wait > 1) await new Promise((resolve) => setTimeout(resolve, wait))
      packet.rescaleTs(from, output.streams[packet.streamIndex]!.timeBase)
      const wrote = await output.interleavedWriteFrame(packet)
      packet.unref()
      if (wrote < 0) throw failed('the server hung up', wrote)
    }
    await output.writeTrailer()
  } finally {
    packet.free()
    await output.closeOutput()
    output.freeContext()
    input.closeInputSync()
  }
}

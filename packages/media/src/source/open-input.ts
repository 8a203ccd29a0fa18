import { errorText, MillraceError } from '@millrace/base'
import { addressesOf, type GuardedOptions } from '@millrace/base/node'
import type { FormatContext, InputFormat } from 'node-av/lib'
import { type Av, avError } from '../process/av.ts'
import { ByteReader } from './byte-queue.ts'
import { chooseHls, HlsReader } from './hls-reader.ts'
import { type ByteInput, HttpInput } from './http-input.ts'
import { RtspForwarder } from './rtsp-forwarder.ts'
import { sourceKind, sourceText } from './source-address.ts'
import type { FileOptions } from './source-messages.ts'

/** Containers of films; FFmpeg would otherwise take any text for a picture of letters, or follow a list of other files. */
export const FORMATS =
  'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,flv,live_flv,avi,mpeg,mpegvideo,asf,ogg,wav,mp3,aac,ac3,flac,h264,hevc,ivf,gif,mxf,nut,dv,rm,wtv,yuv4mpegpipe,obu,m4v,av1'

/** What may be set in the address of an SRT source; the rest of FFmpeg's options is not for addresses. */
const SRT_OPTIONS = new Set([
  'mode',
  'latency',
  'passphrase',
  'pbkeylen',
  'streamid',
  'maxbw',
  'rcvbuf',
  'enforced_encryption',
])

/** Live sources are begun with what is known by then: looking longer would only add delay. */
const LIVE_PROBE = { probesize: '1000000', analyzeduration: '1500000' }

/** Something that FFmpeg reads, and how it is left. */
export type OpenInput = {
  readonly format: FormatContext
  /** Why it ended, where FFmpeg cannot know. */
  readonly error: () => unknown
  close(): Promise<void>
}

/**
 * Opens what an address or path leads to. Each round is what can be read as one file, of one input or of two where the sound stands
 * apart. FFmpeg opens local files, SRT and RTMP by itself; everything else is fetched here and handed to it as bytes.
 */
export async function* openInputs(av: Av, options: FileOptions): AsyncGenerator<readonly OpenInput[]> {
  const kind = sourceKind(options.path)
  if (kind === 'http') yield* openHttp(av, options)
  else if (kind === 'srt') yield [await openSrt(av, options)]
  else if (kind === 'rtsp') yield [await openRtsp(av, options)]
  else if (kind === 'rtmp') yield [await openRtmp(av, options)]
  else
    yield [
      await openWith(av, options, `file:${options.path}`, { format_whitelist: FORMATS, protocol_whitelist: 'file' }),
    ]
}

async function* openHttp(av: Av, options: FileOptions): AsyncGenerator<readonly OpenInput[]> {
  const guard: GuardedOptions = {
    allowPrivate: options.allowPrivate ? [new URL(options.path).hostname] : false,
  }
  const { input, url } = await HttpInput.open(options.path, guard).catch((error) => {
    throw unreachable(options, error)
  })
  const head = Buffer.from(await input.peek(10)).toString('latin1')
  if (!/^(\xEF\xBB\xBF)?#EXTM3U/.test(head)) {
    yield [await openBytes(av, options, input)]
    return
  }
  await input.close()
  const { main, sound } = await chooseHls(url, guard)
  const readers = [main, ...(sound === undefined ? [] : [sound])].map((at) => new HlsReader(at, guard))
  while (!readers[0]?.over) {
    const opened: OpenInput[] = []
    for (const reader of readers) {
      const bytes = new StretchInput(reader)
      // The end of the last stretch is known only once it is looked for.
      if (!(await bytes.hasAny())) break
      opened.push(await openBytes(av, options, bytes))
    }
    if (opened.length === 0) return
    yield opened
  }
}

/** The segments of a playlist up to its next break, as one run of bytes. */
class StretchInput implements ByteInput {
  readonly #reader: ByteReader
  error: unknown

  constructor(reader: HlsReader) {
    this.#reader = new ByteReader(reader.stretch())
  }

  async hasAny(): Promise<boolean> {
    return (await this.#reader.peek(1)).length > 0
  }

  async read(size: number): Promise<Buffer | null> {
    try {
      const bytes = await this.#reader.read(size)
      return bytes ? Buffer.from(bytes) : null
    } catch (error) {
      this.error = error
      return null
    }
  }

  async close(): Promise<void> {
    await this.#reader.close()
  }
}

async function openBytes(av: Av, options: FileOptions, bytes: ByteInput): Promise<OpenInput> {
  const io = new av.IOContext()
  const seek = bytes.seek
  io.allocContextWithCallbacks(
    65_536,
    0,
    (size) => bytes.read(size),
    null,
    seek ? (offset, whence) => seek(offset, whence) : null,
  )
  const format = new av.FormatContext()
  format.allocContext()
  format.pb = io
  const release = async () => {
    io.freeContext()
    await bytes.close()
  }
  try {
    // What is inside must not make FFmpeg open anything (CVE-2016-1897 and its kin).
    await begin(
      av,
      format,
      options,
      '',
      null,
      { format_whitelist: FORMATS, protocol_whitelist: 'none' },
      () => bytes.error,
    )
  } catch (error) {
    await release()
    throw error
  }
  return {
    format,
    error: () => bytes.error,
    close: async () => {
      format.pb = null
      format.closeInputSync()
      await release()
    },
  }
}

async function openSrt(av: Av, options: FileOptions): Promise<OpenInput> {
  const given = new URL(options.path)
  const isListener = given.searchParams.get('mode') === 'listener'
  const host = given.hostname.replace(/^\[|\]$/g, '')
  // A listener's address is one of this machine; a caller's must not lead where the operator did not mean.
  const [first] = isListener ? [] : await addressesOf(host, options)
  const address = first?.family === 6 ? `[${first.address}]` : (first?.address ?? given.hostname)
  const query = [...given.searchParams].filter(([name]) => SRT_OPTIONS.has(name))
  const text = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
  const url = `srt://${address}:${given.port}${text ? `?${text}` : ''}`
  return openWith(av, options, url, {
    format_whitelist: 'mpegts',
    protocol_whitelist: 'srt',
    // A publisher that is silent for so many microseconds is gone.
    timeout: '10000000',
    ...LIVE_PROBE,
  })
}

/** A stream that another server has, as its players get it. */
async function openRtmp(av: Av, options: FileOptions): Promise<OpenInput> {
  const given = new URL(options.path)
  const host = given.hostname.replace(/^\[|\]$/g, '')
  const [first] = await addressesOf(host, options)
  const address = first?.family === 6 ? `[${first.address}]` : (first?.address ?? given.hostname)
  const port = given.port === '' ? '1935' : given.port
  return openWith(av, options, `rtmp://${address}:${port}${given.pathname}${given.search}`, {
    format_whitelist: 'flv,live_flv',
    protocol_whitelist: 'rtmp,tcp',
    rtmp_live: 'live',
    // A server that is silent for so many microseconds is gone.
    rw_timeout: '10000000',
    ...LIVE_PROBE,
  })
}

async function openRtsp(av: Av, options: FileOptions): Promise<OpenInput> {
  const { forwarder, url } = await RtspForwarder.open(options.path, options)
  try {
    const input = await openWith(
      av,
      options,
      url,
      {
        format_whitelist: 'rtsp,sdp,mpegts',
        protocol_whitelist: 'rtsp,tcp,rtp',
        // Over other ways a camera could make FFmpeg send to addresses of its choice.
        rtsp_transport: 'tcp',
        timeout: '10000000',
        ...LIVE_PROBE,
      },
      () => forwarder.error,
    )
    return {
      ...input,
      close: async () => {
        await input.close()
        forwarder.close()
      },
    }
  } catch (error) {
    forwarder.close()
    throw error
  }
}

async function openWith(
  av: Av,
  options: FileOptions,
  url: string,
  settings: Readonly<Record<string, string>>,
  reason: () => unknown = () => undefined,
): Promise<OpenInput> {
  const format = new av.FormatContext()
  format.allocContext()
  await begin(av, format, options, url, null, settings, reason)
  return { format, error: reason, close: async () => format.closeInputSync() }
}

async function begin(
  av: Av,
  format: FormatContext,
  options: FileOptions,
  url: string,
  kind: InputFormat | null,
  settings: Readonly<Record<string, string>>,
  reason: () => unknown,
): Promise<void> {
  const opened = await format.openInput(url, kind, av.Dictionary.fromObject(settings))
  if (opened < 0) {
    format.pb = null
    format.freeContext()
    throw reason() ?? openError(options.path, opened)
  }
  const found = await format.findStreamInfo(null)
  if (found < 0) {
    format.pb = null
    format.closeInputSync()
    throw reason() ?? openError(options.path, found)
  }
}

function openError(path: string, code: number): MillraceError {
  const name = sourceText(path)
  const kind = sourceKind(path)
  if (kind === 'srt' || kind === 'rtsp')
    return new MillraceError('source_unreachable', `${name} cannot be read: ${avError(code)}`, { retryable: true })
  if (/\.(mp4|mov|m4v)$/i.test(path.split('?')[0] as string))
    return new MillraceError(
      'source_truncated',
      `${name} has no table of contents: the file is cut off, or it is no MP4`,
    )
  return new MillraceError('not_a_video', `${name} is not a video that FFmpeg can read: ${avError(code)}`)
}

/** What is wrong with an address is told as it is; that nobody answers there is the source's own error. */
function unreachable(options: FileOptions, error: unknown): unknown {
  if (!(error instanceof MillraceError) || !['address_unreachable', 'address_refused'].includes(error.code))
    return error
  return new MillraceError('source_unreachable', `${sourceText(options.path)} cannot be read: ${errorText(error)}`, {
    retryable: true,
    cause: error,
  })
}

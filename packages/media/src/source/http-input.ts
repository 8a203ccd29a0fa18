import { MillraceError } from '@millrace/base'
import { type GuardedOptions, type GuardedResponse, guardedRequest } from '@millrace/base/node'
import { ByteReader } from './byte-queue.ts'

/** `AVSEEK_SIZE` of FFmpeg: asks how long the input is. */
const SIZE = 0x10000
/** A file whose index is at its end is jumped about in a few times; one that never stops jumping is cut off. */
const MAX_JUMPS = 2_000

/** What FFmpeg reads a web address through: it never opens a connection itself. */
export type ByteInput = {
  read(size: number): Promise<Buffer | null>
  /** Absent where the bytes come once only. */
  seek?: (offset: bigint, whence: number) => Promise<bigint>
  /** Why reading broke off; FFmpeg only hears of an end. */
  readonly error: unknown
  close(): Promise<void>
}

/** A web address whose bytes are read in order, or anywhere where its server answers ranges. */
export class HttpInput implements ByteInput {
  readonly #url: string
  readonly #options: GuardedOptions
  #reader: ByteReader
  readonly #size: number | undefined
  #at = 0
  #wanted: number | undefined
  #jumps = 0
  error: unknown

  private constructor(url: string, options: GuardedOptions, first: GuardedResponse) {
    this.#url = url
    this.#options = options
    this.#reader = new ByteReader(first.body)
    const total = /\/(\d+)$/.exec(first.headers['content-range'] ?? '')?.[1]
    this.#size = first.status === 206 && total !== undefined ? Number(total) : undefined
    if (this.#size !== undefined) this.seek = (offset, whence) => this.#seek(offset, whence)
  }

  seek?: (offset: bigint, whence: number) => Promise<bigint>

  /** Asks for the address; throws as `guardedRequest` does. */
  static async open(url: string, options: GuardedOptions): Promise<{ input: HttpInput; url: string }> {
    const answer = await guardedRequest(url, { ...options, headers: { ...options.headers, range: 'bytes=0-' } })
    return { input: new HttpInput(url, options, answer), url: answer.url }
  }

  peek(count: number): Promise<Uint8Array> {
    return this.#reader.peek(count)
  }

  async read(size: number): Promise<Buffer | null> {
    try {
      if (this.#wanted !== undefined && this.#wanted !== this.#at) await this.#jump(this.#wanted)
      this.#wanted = undefined
      if (this.#size !== undefined && this.#at >= this.#size) return null
      const bytes = await this.#reader.read(size)
      if (!bytes) return null
      this.#at += bytes.length
      return Buffer.from(bytes)
    } catch (error) {
      this.error = error
      return null
    }
  }

  async close(): Promise<void> {
    await this.#reader.close()
  }

  async #seek(offset: bigint, whence: number): Promise<bigint> {
    const size = this.#size ?? -1
    if (whence === SIZE) return BigInt(size)
    const at = this.#wanted ?? this.#at
    const target = whence === 1 ? at + Number(offset) : whence === 2 ? size + Number(offset) : Number(offset)
    if (target < 0 || target > size) return -1n
    this.#wanted = target
    return BigInt(target)
  }

  async #jump(to: number): Promise<void> {
    if (++this.#jumps > MAX_JUMPS)
      throw new MillraceError('source_stopped', 'the file is so scattered that it cannot be read over the web')
    await this.#reader.close()
    this.#at = to
    if (to >= (this.#size ?? 0)) return
    const headers = { ...this.#options.headers, range: `bytes=${to}-` }
    const answer = await guardedRequest(this.#url, { ...this.#options, headers })
    if (answer.status !== 206) {
      answer.cancel()
      throw new MillraceError('source_stopped', 'the server answered ranges at first, and then no more')
    }
    this.#reader = new ByteReader(answer.body)
  }
}

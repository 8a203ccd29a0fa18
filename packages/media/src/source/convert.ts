import { MillraceError } from '@millrace/base'
import { builtFile } from '@millrace/base/node'
import { forkMediaChild } from '../process/child.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { type FromConverter, isCarried, type ToConverter } from './convert-messages.ts'

/** Frames that may be on their way through the process. */
const MAX_UNDER_WAY = 64

/**
 * A stream as the network and its players take it: H.264, HEVC and AAC go through untouched; as soon as another codec comes,
 * everything goes through a process that makes it into H.264 and AAC. Throws what the frames throw, `unsupported_codec`,
 * `no_media_engine` or `source_stopped`.
 */
export async function* carriedFrames(frames: AsyncIterable<CodedFrame>): AsyncGenerator<CodedFrame> {
  let converter: Converter | undefined
  try {
    for await (const frame of frames) {
      if (!converter && isCarried(frame)) {
        yield frame
        continue
      }
      converter ??= new Converter()
      await converter.push(frame)
      // What is not ready yet goes with the next frame, some milliseconds later.
      yield* converter.ready()
    }
    if (converter) yield* await converter.finish()
  } finally {
    converter?.close()
  }
}

class Converter {
  readonly #child = forkMediaChild(builtFile(import.meta.url, './convert-child.js'))
  #ready: CodedFrame[] = []
  #underWay = 0
  #error: MillraceError | undefined
  #isLast = false
  #wake: (() => void) | undefined

  constructor() {
    this.#child.onMessage((message: FromConverter) => {
      if (message.type === 'failed') this.#fail(errorOf(message))
      else {
        this.#ready.push(...message.frames)
        this.#underWay--
        this.#isLast = message.last
      }
      this.#wake?.()
    })
    void this.#child.exited.then((how) => {
      this.#fail(new MillraceError('source_stopped', `the process that converts the stream is gone: ${how}`))
      this.#wake?.()
    })
  }

  async push(frame: CodedFrame): Promise<void> {
    this.#send({ type: 'frame', frame })
    while (this.#underWay >= MAX_UNDER_WAY && !this.#error) await this.#change()
    if (this.#error) throw this.#error
  }

  ready(): readonly CodedFrame[] {
    const ready = this.#ready
    this.#ready = []
    return ready
  }

  async finish(): Promise<readonly CodedFrame[]> {
    this.#send({ type: 'end' })
    while (!this.#isLast && !this.#error) await this.#change()
    if (this.#error) throw this.#error
    return this.ready()
  }

  close(): void {
    this.#child.kill()
  }

  #send(message: ToConverter): void {
    if (this.#error) throw this.#error
    this.#underWay++
    this.#child.send(message)
  }

  #fail(error: MillraceError): void {
    this.#error ??= error
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}

const errorOf = ({ code, message, meta }: Extract<FromConverter, { type: 'failed' }>): MillraceError =>
  code === 'no_media_engine'
    ? new MillraceError(
        'no_media_engine',
        'a stream of this codec must be converted, which needs node-av: run `npm install node-av`, or send H.264 and AAC',
      )
    : new MillraceError(code, message, { meta })

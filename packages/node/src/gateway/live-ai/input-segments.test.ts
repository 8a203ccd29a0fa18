import { type CodedFrame, demuxTs } from '@millrace/media'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { InputSegments } from './input-segments.ts'

const SECOND = 90_000
const FPS = 10
const DATA = Uint8Array.of(0, 0, 0, 1, 0x65, 0x88, 0x84)
const picture = (i: number, keyFrame = false, size = 0): CodedFrame => ({
  ...{ kind: 'video', codec: 'h264', keyFrame, pts: SECOND + (i * SECOND) / FPS, dts: SECOND + (i * SECOND) / FPS },
  data: size > 0 ? new Uint8Array(size).fill(0x55).fill(0, 0, 3).fill(1, 3, 4) : DATA,
})
const sound = (i: number): CodedFrame => ({
  ...{ kind: 'audio', codec: 'opus', keyFrame: true, pts: SECOND + i * 1_800, dts: SECOND + i * 1_800 },
  data: Uint8Array.of(0xf8, 0xff, 0xfe),
})

let sent: Uint8Array[]
let now: number
let slow: number
let failed: unknown[]
/** While it stands nothing is taken. */
let gate: Promise<void> | undefined

beforeEach(() => {
  sent = []
  failed = []
  now = 0
  slow = 0
  gate = undefined
})

const open = (options = {}) =>
  new InputSegments(options, {
    now: () => now,
    onSlow: () => slow++,
    onFailed: (error) => failed.push(error),
    onSent: () => {},
    sink: {
      write: async (data) => {
        await gate
        const chunks: Uint8Array[] = []
        for await (const chunk of data) chunks.push(chunk)
        return sent.push(Buffer.concat(chunks)) - 1
      },
    },
  })

/** Frames at their own pace, a key frame each `every`. */
function film(input: InputSegments, from: number, to: number, every: number, size = 0): void {
  for (let i = from; i < to; i++) {
    now = (i * 1_000) / FPS
    input.frame(picture(i, i % every === 0, size))
  }
}

describe('the segments of a source', () => {
  it('begin with a key frame, name all streams, and last a second at least', async () => {
    const input = open()
    input.frame(picture(0, true))
    input.frame(sound(0))
    for (const from of [1, 11, 21]) {
      film(input, from, from + 10, 5)
      await new Promise(setImmediate)
    }
    await input.end()
    expect(sent).toHaveLength(4)
    sent.pop()
    for (const segment of sent) {
      const { frames, announced } = demuxTs(segment)
      expect(announced).toEqual({ video: 'h264', audio: 'opus' })
      expect(frames.find(({ kind }) => kind === 'video')?.keyFrame).toBe(true)
      expect(frames.filter(({ kind }) => kind === 'video')).toHaveLength(10)
    }
  })

  it('are no more for a burst of key frames, however long their times are', async () => {
    const input = open()
    for (let i = 0; i < 100; i++) input.frame(picture(i, true))
    await input.end()
    expect(sent).toHaveLength(1)
  })

  it('flow while they come', async () => {
    const input = open()
    film(input, 0, 8, 100)
    await vi.waitFor(() => expect(input.waitingBytes).toBe(0))
    expect(input.inFlight).toBe(1)
    await input.end()
  })

  it('are left out where nothing of them was sent and the next one is there', async () => {
    const input = open()
    let take: () => void = () => {}
    gate = new Promise((resolve) => {
      take = resolve
    })
    film(input, 0, 25, 10)
    expect(input.inFlight).toBe(3)
    take()
    await input.end()
    expect(sent.map((segment) => demuxTs(segment).frames[0]?.pts)).toEqual([SECOND, 3 * SECOND])
    expect(slow).toBe(0)
  })

  it('end with the fourth that an orchestrator does not take, and no more is held then', () => {
    const input = open()
    gate = new Promise(() => {})
    film(input, 0, 31, 10)
    expect(slow).toBe(1)
    const held = input.waitingBytes
    film(input, 31, 400, 10)
    expect([slow, input.waitingBytes]).toEqual([1, held])
  })

  it('are bounded in bytes, also where no key frame comes any more', () => {
    const input = open({ maxWaitingBytes: 1_000_000 })
    gate = new Promise(() => {})
    film(input, 0, 16, 1_000, 60_000)
    expect([slow, input.waitingBytes > 900_000]).toEqual([0, true])
    film(input, 16, 100, 1_000, 60_000)
    expect(slow).toBe(1)
    expect(input.waitingBytes).toBeLessThanOrEqual(1_000_000)
  })

  it('that cannot be sent are told of, and the next one is tried', async () => {
    let first = true
    const input = new InputSegments(
      {},
      {
        now: () => now,
        onSlow: () => {},
        onSent: (seq) => sent.push(Uint8Array.of(seq)),
        onFailed: (error) => failed.push(error),
        sink: {
          write: async (data) => {
            if (first) {
              first = false
              throw new Error('away')
            }
            for await (const _ of data);
            return 1
          },
        },
      },
    )
    film(input, 0, 10, 10)
    await vi.waitFor(() => expect(failed).toHaveLength(1))
    film(input, 10, 20, 10)
    await input.end()
    expect(sent).toHaveLength(1)
  })
})

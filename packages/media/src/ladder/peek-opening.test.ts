import { describe, expect, it } from 'vitest'
import type { CodedFrame } from '../segment/segment.ts'
import { peekOpening } from './peek-opening.ts'

describe('the opening of a source', () => {
  const frame = (i: number): CodedFrame => ({
    ...{ kind: 'video', codec: 'h264', pts: i * 3_000, dts: i * 3_000 },
    ...{ keyFrame: i % 30 === 0, data: Uint8Array.of(i) },
  })

  it('is worked on while the source goes on, and no frame is lost', async () => {
    let given = 0
    async function* source() {
      for (; given < 200; given++) {
        await new Promise((resolve) => setImmediate(resolve))
        yield frame(given)
      }
    }
    const { result, frames } = await peekOpening(source(), 1_000, async (opening) => {
      const before = given
      while (given < before + 50) await new Promise((resolve) => setImmediate(resolve))
      return opening.length
    })
    expect(result).toBe(31)
    const read: number[] = []
    for await (const { pts } of frames) read.push(pts / 3_000)
    expect(read).toEqual(Array.from({ length: 200 }, (_, i) => i))
  })

  it('is as short as the source, and a source that fails fails its reader', async () => {
    async function* broken() {
      yield frame(0)
      throw new Error('the connection broke off')
    }
    await expect(peekOpening(broken(), 1_000, async () => 0)).rejects.toThrow('broke off')
    async function* short() {
      yield frame(0)
    }
    const { result, frames } = await peekOpening(short(), 1_000, async (opening) => opening.length)
    expect(result).toBe(1)
    const read: CodedFrame[] = []
    for await (const one of frames) read.push(one)
    expect(read).toHaveLength(1)
  })
})

import { beforeAll, describe, expect, it } from 'vitest'
import type { AiResult } from '../../runners/runner.ts'
import type { OpenModel } from '../embedded-model.ts'
import { modelsFolder } from '../models-folder.ts'
import { openPackage } from '../package-store.ts'
import { flite } from './flite.ts'
import { FLITE_PACKAGE } from './flite-card.ts'

const TEXT = 'A ticket pays for a hundred pixels, more or less.'
let voice: OpenModel

beforeAll(async () => {
  const signal = AbortSignal.timeout(50_000)
  const folder = await openPackage(FLITE_PACKAGE, { folder: modelsFolder(), signal })
  const folders = new Map([[FLITE_PACKAGE.name, folder]])
  voice = await flite.open({ folders, cache: modelsFolder(), onProgress: () => {} })
})

const say = async (text: string, description: string): Promise<AiResult> =>
  voice.run({ requestId: 'r', request: { text, description }, files: {} }, { signal: AbortSignal.timeout(20_000) })

describe('the voices of Flite', () => {
  it('give a WAV file that the response names', async () => {
    const { response, files } = await say(TEXT, 'A male speaker')
    expect(response).toEqual({ audio: { url: files[0]?.name } })
    expect(files[0]?.type).toBe('audio/wav')
    expect(wav(files[0]!.bytes)).toMatchObject({ rate: 16_000, channels: 1 })
  })

  it('have the pitch and the speed that the description asks for', async () => {
    const man = wav((await say(TEXT, 'A man')).files[0]!.bytes)
    const woman = wav((await say(TEXT, 'A woman')).files[0]!.bytes)
    const deep = wav((await say(TEXT, 'A man with a very deep voice')).files[0]!.bytes)
    const slow = wav((await say(TEXT, 'A man who speaks slowly')).files[0]!.bytes)
    expect(pitch(man)).toBeGreaterThan(80)
    expect(pitch(man)).toBeLessThan(125)
    expect(pitch(woman)).toBeGreaterThan(150)
    expect(pitch(deep)).toBeLessThan(pitch(man) * 0.9)
    expect(deep.seconds).toBeCloseTo(man.seconds, 0)
    expect(slow.seconds / man.seconds).toBeGreaterThan(1.25)
  })

  it('read many texts one after the other', async () => {
    for (let i = 0; i < 30; i++) await say(`Number ${i}.`, i % 2 ? 'A woman' : 'A robot')
  })

  it('refuse a text in which there is nothing to read', async () => {
    await expect(say('你好，世界', 'A woman')).rejects.toMatchObject({ code: 'ai_bad_request' })
  })
})

type Wav = { readonly rate: number; readonly channels: number; readonly samples: Int16Array; readonly seconds: number }

function wav(bytes: Uint8Array): Wav {
  const header = new DataView(bytes.buffer, bytes.byteOffset)
  expect(Buffer.from(bytes.subarray(0, 4)).toString()).toBe('RIFF')
  const rate = header.getUint32(24, true)
  const samples = new Int16Array(bytes.slice(44).buffer)
  return { rate, channels: header.getUint16(22, true), samples, seconds: samples.length / rate }
}

/** The median of the pitches of all voiced stretches, by autocorrelation, in hertz. */
function pitch({ rate, samples }: Wav): number {
  const window = Math.round(rate * 0.04)
  const found: number[] = []
  for (let start = 0; start + 2 * window < samples.length; start += 3 * window) {
    const at = (i: number) => samples[start + i] as number
    const energy = (from: number) => Array.from({ length: window }, (_, i) => at(from + i) ** 2).reduce((a, b) => a + b)
    const own = energy(0)
    if (own / window < 250_000) continue
    let best = 0
    let period = 0
    for (let lag = Math.round(rate / 400); lag < rate / 60; lag++) {
      let sum = 0
      for (let i = 0; i < window; i++) sum += at(i) * at(i + lag)
      const likeness = sum / (Math.sqrt(own * energy(lag)) + 1)
      if (likeness > best) [best, period] = [likeness, lag]
    }
    if (best > 0.6) found.push(rate / period)
  }
  return found.sort((a, b) => a - b)[found.length >> 1] ?? 0
}

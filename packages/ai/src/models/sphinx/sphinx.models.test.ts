import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { OpenModel } from '../embedded-model.ts'
import { modelsFolder } from '../models-folder.ts'
import { openPackage } from '../package-store.ts'
import { sphinx } from './sphinx.ts'
import { SPHINX_PACKAGE } from './sphinx-card.ts'
import { wordErrors, wordsOf } from './word-errors.fixture.ts'

// The clips are of a LibriVox reading of "Sense and Sensibility" (public domain), with their texts, from the recogniser's package.

let clips = ''
let model: OpenModel

beforeAll(async () => {
  const folder = await openPackage(SPHINX_PACKAGE, { folder: modelsFolder(), signal: AbortSignal.timeout(50_000) })
  clips = join(folder, 'pocketsphinx/test/data/librivox')
  const folders = new Map([[SPHINX_PACKAGE.name, folder]])
  model = await sphinx.open({ folders, cache: modelsFolder(), onProgress: () => {} })
})

const transcribe = (bytes: Uint8Array, timestamps = 'true', signal = AbortSignal.timeout(110_000)) =>
  model.run(
    {
      requestId: 'r',
      request: { return_timestamps: timestamps },
      files: { audio: { name: 'blob', type: 'application/octet-stream', bytes } },
    },
    { signal },
  )

describe('PocketSphinx', () => {
  it('gets at most 40 % of the words of a clean reading wrong, and says when each sentence was said', async () => {
    let errors = 0
    let words = 0
    let seconds = 0
    const began = performance.now()
    for (const name of (await readdir(clips)).filter((file) => file.endsWith('.wav'))) {
      const wav = await readFile(join(clips, name))
      const said = wordsOf(await readFile(join(clips, name.replace(/wav$/, 'txt')), 'utf8'))
      const { response } = await transcribe(wav)
      const heard = response as { text: string; chunks: { timestamp: [number, number]; text: string }[] }
      const length = (wav.length - 44) / 32_000
      expect(heard.chunks.map(({ text }) => text).join(' ')).toBe(heard.text)
      for (const { timestamp } of heard.chunks) {
        expect(timestamp[0]).toBeLessThan(timestamp[1])
        expect(timestamp[1]).toBeLessThanOrEqual(length)
      }
      errors += wordErrors(said, wordsOf(heard.text))
      words += said.length
      seconds += length
    }
    const took = (performance.now() - began) / 1_000
    console.log(
      `word error rate ${((100 * errors) / words).toFixed(1)} % (${errors} of ${words} words, ${seconds.toFixed(1)} s of sound in ${took.toFixed(1)} s)`,
    )
    expect(errors / words).toBeLessThanOrEqual(0.4)
  }, 120_000)

  it('stops soon after its job is cancelled and takes the next one', async () => {
    const wav = await readFile(join(clips, 'sense_and_sensibility_01_austen_64kb-0880.wav'))
    const cancelled = new AbortController()
    const running = transcribe(wav, 'true', cancelled.signal)
    setTimeout(() => cancelled.abort(new Error('enough')), 100)
    await expect(running).rejects.toThrow('enough')
    const { response } = await transcribe(wav, 'word')
    const { text, chunks } = response as { text: string; chunks: { text: string }[] }
    expect(text).toMatch(/^he was not .* young man$/)
    expect(chunks.map((chunk) => chunk.text)).toEqual(text.split(' '))
  }, 120_000)

  it('hears nothing in silence and refuses what is no sound', async () => {
    const silence = Buffer.concat([wavHeader(32_000), Buffer.alloc(32_000)])
    expect((await transcribe(silence)).response).toEqual({ text: '', chunks: [] })
    await expect(transcribe(Buffer.from('GIF89a, or so'))).rejects.toMatchObject({ code: 'ai_bad_request' })
  })
})

function wavHeader(bytes: number): Buffer {
  const header = Buffer.alloc(44)
  header.write('RIFF\0\0\0\0WAVEfmt ', 'latin1')
  header.writeUInt32LE(36 + bytes, 4)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(16_000, 24)
  header.writeUInt32LE(32_000, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(bytes, 40)
  return header
}

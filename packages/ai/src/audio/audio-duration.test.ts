import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeMediaFile } from '@millrace/media/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { audioDuration } from './audio-duration.ts'

const signal = AbortSignal.timeout(25_000)
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-audio-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the duration of a recording', () => {
  it('is counted in its samples, whatever its header says', async () => {
    const wav = silence(1.5)
    expect(await audioDuration(wav, { signal })).toBe(1_500)
    // A day by the header, and as if its sound went on for ever.
    wav.writeUInt32LE(0xffffffff, 4)
    wav.writeUInt32LE(0xffffffff, 40)
    expect(await audioDuration(wav, { signal })).toBe(1_500)
  })

  it('is that of the sound of a film', async () => {
    const path = join(folder, 'film.mp4')
    await makeMediaFile({ path, format: 'mp4', seconds: 2, video: 'h264', audio: 'aac' })
    const durationMs = await audioDuration(await readFile(path), { signal })
    expect(Math.abs(durationMs - 2_000)).toBeLessThan(60)
  })

  it('is refused for what is no sound', async () => {
    const refusal = { code: 'ai_bad_request', message: expect.stringContaining('Send WAV') }
    await expect(audioDuration(Buffer.from('#EXTM3U\n/etc/passwd\n'), { signal })).rejects.toMatchObject(refusal)
    await expect(audioDuration(new Uint8Array(0), { signal })).rejects.toMatchObject(refusal)
  })

  it('is not waited for once nobody wants it', async () => {
    const gone = new AbortController()
    const asked = audioDuration(silence(1), { signal: gone.signal })
    gone.abort(new Error('the client left'))
    await expect(asked).rejects.toThrow('the client left')
  })
})

/** A WAV file of 16 kHz and one channel. */
function silence(seconds: number): Buffer {
  const bytes = seconds * 32_000
  const wav = Buffer.alloc(44 + bytes)
  wav.write('RIFF', 0)
  wav.writeUInt32LE(36 + bytes, 4)
  wav.write('WAVEfmt ', 8)
  wav.writeUInt32LE(16, 16)
  wav.writeUInt16LE(1, 20)
  wav.writeUInt16LE(1, 22)
  wav.writeUInt32LE(16_000, 24)
  wav.writeUInt32LE(32_000, 28)
  wav.writeUInt16LE(2, 32)
  wav.writeUInt16LE(16, 34)
  wav.write('data', 36)
  wav.writeUInt32LE(bytes, 40)
  return wav
}

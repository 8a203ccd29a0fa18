import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EmbeddedRunner } from '../runners/embedded/embedded-runner.ts'
import { catalogEntry } from './catalog.ts'
import { photograph } from './photographs-fixture.ts'

const signal = AbortSignal.timeout(120_000)
const runners = ['millrace/ocr', 'millrace/coco-objects', 'millrace/nsfw-check'].map(
  (id) => new EmbeddedRunner(catalogEntry(id)!),
)
const [ocr, objects, moderation] = runners as [EmbeddedRunner, EmbeddedRunner, EmbeddedRunner]
beforeAll(() => Promise.all(runners.map((runner) => runner.load({ signal }))), 120_000)
afterAll(() => Promise.all(runners.map((runner) => runner.unload())))

async function say(runner: EmbeddedRunner, bytes: Uint8Array, prompt = ''): Promise<string> {
  const image = { name: 'in', type: 'image/png', bytes }
  const { response } = await runner.run({ requestId: 'r', request: { prompt }, files: { image } }, { signal })
  return response.text as string
}

describe('text of a picture', () => {
  const page = readFileSync(new URL('../../fixtures/printed-text.png', import.meta.url))

  it('is read exactly from a clean printed page', async () => {
    expect((await say(ocr, page)).split(/\n+/)).toEqual([
      'The mill race turned the wheel.',
      'Ticket 4711 pays 25 wei for 1280x720',
      'Orchestrators sell video; gateways buy.',
      'Quick brown foxes jump over lazy dogs.',
    ])
  })

  it('is not read from a picture that is cut off', async () => {
    await expect(say(ocr, page.subarray(0, 4_000))).rejects.toMatchObject({ code: 'ai_bad_request', status: 400 })
  })
})

describe('things in a picture', () => {
  it('are named and counted', async () => {
    expect(await say(objects, await photograph('march-pastoral'))).toMatch(/\b(five|six|seven|eight|nine|ten) sheep\b/)
    expect(await say(objects, await photograph('nagasaki-boats'))).toMatch(/\bboats?\b/)
  })

  it('are told with boxes where the prompt asks for JSON', async () => {
    const {
      width,
      height,
      objects: found,
    } = JSON.parse(await say(objects, await photograph('march-pastoral'), 'as json'))
    expect([width, height]).toEqual([1024, 498])
    // The ewe in the middle of the picture.
    const ewe = found.find(({ box: [left, top, right, bottom] }: { box: number[] }) =>
      [left! < 550, right! > 650, top! < 250, bottom! > 280].every(Boolean),
    )
    expect(ewe).toMatchObject({ label: 'sheep' })
    expect(ewe.score).toBeGreaterThan(0.3)
  })
})

describe('the safety check', () => {
  it('marks no harmless photograph, and tells the chance of each kind', async () => {
    for (const name of ['march-pastoral', 'nagasaki-boats', 'allium-oreophilum'] as const) {
      const { unsafe, ...chances } = JSON.parse(await say(moderation, await photograph(name)))
      expect(unsafe).toBe(false)
      expect(Object.keys(chances)).toEqual(['drawing', 'hentai', 'neutral', 'porn', 'sexy'])
      expect(chances.neutral).toBeGreaterThan(0.9)
    }
  })
})

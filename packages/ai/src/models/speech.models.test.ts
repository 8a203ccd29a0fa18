import { afterAll, expect, it } from 'vitest'
import { EmbeddedRunner } from '../runners/embedded/embedded-runner.ts'
import { catalogEntry } from './catalog.ts'
import { wordErrors, wordsOf } from './sphinx/word-errors.fixture.ts'

const voice = new EmbeddedRunner(catalogEntry('millrace/flite-voice')!)
const listener = new EmbeddedRunner(catalogEntry('millrace/sphinx-en')!)
const signal = AbortSignal.timeout(110_000)

afterAll(async () => {
  await Promise.all([voice.unload(), listener.unload()])
})

it('most of what the voice says is written down by the recogniser, each in a process of its own', async () => {
  const text = 'He might even have been made more respectable. There was nothing in his power to do for them.'
  const spoken = await voice.run(
    { requestId: 'say', request: { text, description: 'A woman who speaks slowly' }, files: {} },
    { signal },
  )
  const audio = spoken.files[0]!
  const written = await listener.run(
    { requestId: 'write', request: { return_timestamps: 'word' }, files: { audio } },
    { signal },
  )
  const heard = String(written.response.text)
  const rate = wordErrors(wordsOf(text), wordsOf(heard)) / wordsOf(text).length
  console.log(`said: ${text}\nheard: ${heard}\nword error rate ${(100 * rate).toFixed(0)} %`)
  expect(rate).toBeLessThan(0.6)
  expect(written.response.chunks).toHaveLength(wordsOf(heard).length)
}, 120_000)

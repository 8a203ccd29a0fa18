import { expect, it } from 'vitest'
import { Parameters } from '../parameters.ts'
import type { Reply } from '../route.ts'
import { profileRoutes } from './profile-routes.ts'

const asker = () => {
  const route = profileRoutes()['/debug/']!
  return async (path: string, seconds?: string, signal = new AbortController().signal): Promise<Reply> => {
    const query = new URLSearchParams(seconds === undefined ? {} : { seconds })
    return route({ path, parameters: new Parameters(new URLSearchParams(), query), signal })
  }
}

/** Something to be found in a profile by its name. */
function worksHard(ms: number): unknown[] {
  const kept: unknown[] = []
  for (const end = performance.now() + ms; performance.now() < end; )
    kept.push({ text: 'kept '.repeat(50) + kept.length })
  return kept
}

it('a profile of the processor names what it worked at', async () => {
  const asked = asker()('/debug/pprof/profile', '0.5')
  await new Promise((resolve) => setTimeout(resolve, 50))
  worksHard(200)
  const profile = JSON.parse(String((await asked).body))
  expect(profile.samples.length).toBeGreaterThan(10)
  const names = profile.nodes.map((node: { callFrame: { functionName: string } }) => node.callFrame.functionName)
  expect(names).toContain('worksHard')
})

it('a profile of memory names who holds it, and holds no text of it', async () => {
  const asked = asker()('/debug/pprof/heap', '0.5')
  await new Promise((resolve) => setTimeout(resolve, 50))
  const kept = worksHard(100)
  const { body } = await asked
  expect(kept.length).toBeGreaterThan(0)
  expect(JSON.parse(String(body)).head.callFrame.functionName).toBe('(root)')
  expect(body).toContain('worksHard')
  expect(body).not.toContain('kept kept')
})

it('one is taken at a time, for as long as is sensible', async () => {
  const ask = asker()
  const first = ask('/debug/pprof/profile', '0.2')
  await expect(ask('/debug/pprof/heap', '0.2')).rejects.toMatchObject({ status: 503 })
  await first
  for (const seconds of ['0', '-1', '1e9', 'x'])
    await expect(ask('/debug/pprof/profile', seconds)).rejects.toMatchObject({ status: 400 })
  await expect(ask('/debug/pprof/trace', '1')).rejects.toMatchObject({ status: 404 })
  expect((await ask('/debug/pprof/')).body).toContain('/debug/pprof/heap')
})

it('a node that stops waits for none', async () => {
  const stopping = new AbortController()
  const asked = asker()('/debug/pprof/profile', '60', stopping.signal)
  stopping.abort()
  await expect(asked).rejects.toMatchObject({ status: 503 })
})

import { manifestId } from '@millrace/wire'
import { expect, it } from 'vitest'
import { Health } from '../api/health.ts'
import { OperatorServer } from '../api/operator-server.ts'
import { explainRoutes } from '../api/routes/explain-routes.ts'
import { EventHub } from '../events/event-hub.ts'
import { type Choice, ChoiceLog, explainChoice, replay, replayable } from './explain.ts'
import { type Candidate, DEFAULT_WEIGHTS, type SelectionOptions, selectOrchestrator } from './selection.ts'
import { UPSTREAM_SELECTION } from './selection-upstream.ts'

const ID = manifestId('clip')

/** Recorded choices over candidates of every kind, by both algorithms. */
function choices(count: number): Choice[] {
  return Array.from({ length: count }, (_, seq) => {
    const candidates = Array.from({ length: 6 }, (_, i): Candidate => {
      const n = (seq * 7 + i * 13) % 11
      return {
        serviceUri: `https://o${i}:8935`,
        address: `0x${String(i).repeat(40)}`,
        pricePerPixel: { num: BigInt(n + 1), den: 3n },
        latencyScore: n % 3 === 0 ? undefined : n / 8,
        quality: undefined,
        stakeLpt: BigInt(n) * 10n ** 18n,
        suspended: n === 4,
        tried: n === 5,
        perfScore: n / 10,
        creditWei: n === 7 && seq % 5 === 0 ? 12n : 0n,
      }
    })
    const options: SelectionOptions = {
      weights: DEFAULT_WEIGHTS,
      upstream: seq % 2 === 0 ? UPSTREAM_SELECTION : undefined,
      maxPricePerPixel: { num: 10n, den: 4n },
      ignoreMaxPriceIfNeeded: false,
      minPerfScore: 0.2,
      current: { serviceUri: `https://o${seq % 6}:8935`, used: seq },
    }
    const random = ((seq * 37) % 100) / 100
    const selection = selectOrchestrator(candidates, options, random)
    return { atMs: seq, seq, attempt: 1, random, options, candidates, leftOut: [], ...selection }
  })
}

it('a recorded choice that is made again from its JSON gives the same orchestrator, chances and reasons', () => {
  const all = choices(200)
  expect(new Set(all.flatMap(({ verdicts }) => verdicts.map(({ reason }) => reason))).size).toBeGreaterThan(6)
  for (const choice of all) {
    const json = JSON.parse(JSON.stringify(explainChoice(choice)))
    expect(replay(replayable(json))).toEqual({ picked: choice.picked, verdicts: choice.verdicts })
    expect(json.picked).toBe(choice.picked)
  }
})

it('the operator reads at /explain/{manifestId} who was considered and why each was or was not picked', async () => {
  const log = new ChoiceLog()
  const [choice] = choices(1)
  log.add(ID, choice!)
  const explain = (id: string) => {
    const known = log.get(id as typeof ID)
    return known && { manifestId: id, choices: known.map(explainChoice) }
  }
  const server = new OperatorServer(
    { host: '127.0.0.1', port: 0, version: 'test' },
    { hub: new EventHub(), health: new Health([]), routes: explainRoutes({ explain } as never) },
  )
  await server.start()
  try {
    const answer = await fetch(`${server.url}/explain/clip`)
    expect(answer.status).toBe(200)
    const { choices: told } = (await answer.json()) as { choices: Record<string, unknown>[] }
    expect(told).toHaveLength(1)
    const considered = told[0]!.considered as Record<string, unknown>[]
    expect(considered).toHaveLength(6)
    for (const one of considered)
      expect(Object.keys(one)).toEqual(expect.arrayContaining(['pricePerPixel', 'stakeLpt', 'probability', 'reason']))
    expect(replay(replayable(told[0]!)).picked).toBe(choice!.picked)
    expect((await fetch(`${server.url}/explain/unknown`)).status).toBe(404)
    expect((await fetch(`${server.url}/explain/`)).status).toBe(404)
  } finally {
    await server.stop()
  }
})

it('what is kept is bounded, and the latest choices of the latest streams are kept', () => {
  const log = new ChoiceLog()
  for (const choice of choices(600)) log.add(ID, choice)
  expect(log.get(ID)).toHaveLength(500)
  expect(log.get(ID)!.at(-1)!.seq).toBe(599)
  const [small] = choices(1)
  const large = { ...small!, candidates: Array.from({ length: 5_000 }, () => small!.candidates[0]!) }
  for (let i = 0; i < 10; i++) log.add(manifestId('large'), { ...large, seq: i })
  expect(log.get(ID)).toBeUndefined()
  expect(log.get(manifestId('large'))!.map(({ seq }) => seq)).toEqual([7, 8, 9])
  for (let i = 0; i < 300; i++) log.add(manifestId(`stream-${i}`), small!)
  expect(log.get(manifestId('stream-299'))).toHaveLength(1)
  expect(log.get(manifestId('stream-0'))).toBeUndefined()
})

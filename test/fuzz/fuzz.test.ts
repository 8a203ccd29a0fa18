import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Counts, corpusOf, type Fault, fuzz, judge, type Target } from './target.ts'
import { targets } from './targets/index.ts'
import { Watchdog } from './watchdog.ts'

/** What `npm run fuzz` asks for; without it the run is short and always the same. */
type Request = { readonly ms: number; readonly seed: number; readonly only?: string; readonly report: string }
const request = JSON.parse(process.env.MILLRACE_FUZZ ?? 'null') as Request | null
/** All doors together take two to three seconds of `npm test`. */
const SHORT_MS = 60
/** On a busy machine it may take longer to hand in so many. */
const SHORT_INPUTS = 20
/** A door is left for the next one after so long, so that all of them get their share of a long run. */
const STRETCH_MS = 2_000

const chosen = targets.filter(({ name }) => request?.only === undefined || name.includes(request.only))
const newCounts = (): Counts => ({ cases: 0, taken: 0, refused: 0 })
const watchdog = new Watchdog()
afterAll(() => watchdog.stop())

describe('nothing but a typed error, in bounded time and memory, comes of hostile bytes', () => {
  const counts = new Map<string, Counts>(chosen.map(({ name }) => [name, newCounts()]))
  const faults: Fault[] = []
  const closing: (() => Promise<void>)[] = []
  beforeAll(async () => {
    for (const target of chosen) if (target.open) closing.push(await target.open())
  })
  afterAll(async () => {
    for (const close of closing) await close()
  })

  describe.each(chosen.map((target) => [target.name, target] as const))('%s', (name, target) => {
    const folder = corpusOf(name)
    const kept = existsSync(folder) ? readdirSync(folder) : []
    it.each(kept)('holds against what once broke it: %s', async (file) => {
      const input = Buffer.from(readFileSync(join(folder, file), 'utf8').trim(), 'hex')
      watchdog.begin(name, input)
      const why = await judge(target, input, newCounts())
      watchdog.end()
      expect(why).toBeUndefined()
    })

    it.runIf(request === null)('holds against mutated messages', async () => {
      expect(await stretch(target, 1, 0, SHORT_MS, SHORT_INPUTS)).toBeUndefined()
      const { taken, refused } = counts.get(name)!
      // A door that nothing came to, or that lets everything in unseen, would hold against anything.
      expect(taken + refused).toBeGreaterThan(0)
      if (!target.takesAll) expect(refused).toBeGreaterThan(0)
    })
  })

  it.runIf(request !== null)('for as long as asked', { timeout: 0 }, async () => {
    const { ms, seed, report } = request!
    const until = Date.now() + ms
    const stretchMs = Math.min(STRETCH_MS, ms / chosen.length)
    const broken = new Set<string>()
    for (let round = 0; Date.now() < until && broken.size < chosen.length; round++)
      for (const target of chosen) {
        const left = until - Date.now()
        if (left <= 0 || broken.has(target.name)) continue
        const fault = await stretch(target, seed, round, Math.min(stretchMs, left))
        if (!fault) continue
        broken.add(target.name)
        faults.push(fault)
        console.log(`BROKEN ${fault.target}, --seed ${fault.seed}: ${fault.why}\n  ${fault.hex.slice(0, 2_000)}`)
      }
    writeFileSync(report, JSON.stringify({ counts: Object.fromEntries(counts), faults }))
    expect(faults.map(({ target, why }) => `${target}: ${why}`)).toEqual([])
  })

  const stretch = (target: Target, seed: number, round: number, ms: number, atLeast = 0) =>
    fuzz(target, { seed, round, ms, atLeast, watchdog }, counts.get(target.name)!)
})

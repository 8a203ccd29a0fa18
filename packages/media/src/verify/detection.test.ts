import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Detection, LIES, type Lie } from './detection.fixture.ts'

// The short form; `npm run test:verification` checks hundreds of results. Thresholds were tuned with seeds 1 to 9, which are not drawn here.

const long = process.env.MILLRACE_VERIFICATION_RESULTS !== undefined
const honest = Number(process.env.MILLRACE_VERIFICATION_RESULTS ?? 5)
const each = Number(process.env.MILLRACE_VERIFICATION_LIES ?? 1)
const seed = Number(process.env.MILLRACE_VERIFICATION_SEED ?? 1_000 + Math.floor(Math.random() * 1e6))
const TIMEOUT = 30_000 + (honest + 11 * each) * 8_000

let detection: Detection
let cpuMs = 0
let checks = 0

beforeAll(async () => {
  console.log(`the verification of renditions draws with seed ${seed}: MILLRACE_VERIFICATION_SEED=${seed} repeats it`)
  detection = new Detection(seed)
  await detection.open(long ? 16 : 4)
}, TIMEOUT)
afterAll(async () => {
  await detection?.close()
  if (checks > 0) console.log(`${checks} comparisons with a sample took ${Math.round(cpuMs / checks)} ms each`)
})

async function check(delivered: Awaited<ReturnType<Detection['honest']>>) {
  const checked = await detection.check(delivered)
  cpuMs += checked.elapsedMs
  checks++
  return checked
}

describe('a result that is looked at', () => {
  it(`is not flagged when it is honest: fewer than 1 % of ${honest}`, { timeout: TIMEOUT }, async () => {
    const flagged: string[] = []
    for (let i = 0; i < honest; i++) {
      const delivered = await detection.honest()
      const { fault } = await check(delivered)
      if (fault !== undefined) flagged.push(`${delivered.what}: ${fault}`)
    }
    if (long) console.log(`honest: ${flagged.length} of ${honest} flagged`)
    expect(flagged.length / honest, flagged.join('\n')).toBeLessThan(0.01)
  })

  it.each(LIES)(`is flagged when it is a lie: %s`, { timeout: TIMEOUT }, async (kind: Lie) => {
    const missed: string[] = []
    const faults = new Map<string, number>()
    for (let i = 0; i < each; i++) {
      const delivered = await detection.lie(kind)
      const { fault } = await check(delivered)
      if (fault === undefined) missed.push(delivered.what)
      else faults.set(kindOf(fault), (faults.get(kindOf(fault)) ?? 0) + 1)
    }
    if (long)
      console.log(
        `${kind}: ${each - missed.length} of ${each} caught, ${[...faults].map((pair) => pair.join(' ')).join(', ')}`,
      )
    expect(missed).toEqual([])
  })
})

/** The sentence without its figures. */
const kindOf = (fault: string): string => fault.replace(/[\d.-]+/g, '…')

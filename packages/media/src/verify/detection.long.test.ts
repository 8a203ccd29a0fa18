import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Detection, LIES, type Lie } from './detection.fixture.ts'
import { expectedDetection } from './detection-odds.ts'

// The short form; `npm run test:verification` checks hundreds of results. Thresholds were tuned with seeds 1, 2 and 20261121, which are not drawn here.

const long = process.env.MILLRACE_VERIFICATION_RESULTS !== undefined
const honest = Number(process.env.MILLRACE_VERIFICATION_RESULTS ?? 5)
const each = Number(process.env.MILLRACE_VERIFICATION_LIES ?? 1)
const seed = Number(process.env.MILLRACE_VERIFICATION_SEED ?? 1_000 + Math.floor(Math.random() * 1e6))
const TIMEOUT = 30_000 + (honest + 11 * each) * 8_000

let detection: Detection
let elapsedMs = 0
let checks = 0

beforeAll(async () => {
  console.log(`the verification of renditions draws with seed ${seed}: MILLRACE_VERIFICATION_SEED=${seed} repeats it`)
  detection = new Detection(seed)
  await detection.open(long ? 16 : 4)
}, TIMEOUT)
afterAll(async () => {
  await detection?.close()
  if (checks === 0 || !long) return
  const lookMs = elapsedMs / checks
  console.log(
    `${checks} comparisons with a sample took ${Math.round(lookMs)} ms each, the machine's other work included`,
  )
  for (const looked of [1, 1 / 10]) {
    // The default ladder over 2 s at 30 pictures a second, for 1 wei a pixel.
    const odds = { lies: 1 / 20, looked, seen: 1, segmentMs: 2_000, lookMs, feeWei: 99_849_600n }
    const { segments, seconds, paidLies, paidWei, cores } = expectedDetection(odds)
    console.log(
      `a lie at 1 segment in 20, 1 in ${1 / looked} looked at: seen after ${segments.toFixed(0)} segments (${seconds.toFixed(0)} s), ${paidLies.toFixed(0)} paid lies (${paidWei} wei), ${cores.toFixed(3)} of a core`,
    )
  }
})

async function check(delivered: Awaited<ReturnType<Detection['honest']>>) {
  const checked = await detection.check(delivered)
  elapsedMs += checked.elapsedMs
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
    if (long) console.log([`honest: ${flagged.length} of ${honest} flagged`, ...flagged].join('\n'))
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

describe.each(['vp9', 'av1'] as const)('a result in %s that is looked at', (codec) => {
  it('is not flagged when it is honest, and is when its pictures are others or have lost their detail', {
    timeout: TIMEOUT,
  }, async () => {
    const own = new Detection(seed, codec)
    try {
      await own.open(long ? 8 : 3)
      const flagged: string[] = []
      const count = Math.ceil(honest / 4)
      for (let i = 0; i < count; i++) {
        const delivered = await own.honest()
        const { fault } = await own.check(delivered)
        if (fault !== undefined) flagged.push(`${delivered.what}: ${fault}`)
      }
      if (long) console.log([`honest ${codec}: ${flagged.length} of ${count} flagged`, ...flagged].join('\n'))
      expect(flagged.length / count, flagged.join('\n')).toBeLessThan(0.02)
      for (const kind of long ? (['black', 'frozen', 'half dropped', 'upscaled'] as const) : (['frozen'] as const)) {
        const delivered = await own.lie(kind)
        expect((await own.check(delivered)).fault, delivered.what).toBeDefined()
      }
    } finally {
      await own.close()
    }
  })
})

/** The sentence without its figures. */
const kindOf = (fault: string): string => fault.replace(/[\d.-]+/g, '…')

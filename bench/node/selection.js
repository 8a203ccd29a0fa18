// Choosing one orchestrator among many: the choice of every segment, with all candidates judged and explained.
import { DEFAULT_WEIGHTS, selectOrchestrator, UPSTREAM_SELECTION } from '@millrace/node'
import { bound, cpuRates, spread, summary, table } from '../measure.js'

/** At most so many ms of processor time a choice may take. */
const BOUNDS = { 100: 1, 10000: 30 }

export async function bench({ quick }) {
  const works = {}
  for (const count of [100, 10_000])
    for (const [name, upstream] of [
      ['our weights', undefined],
      ["go-livepeer's", UPSTREAM_SELECTION],
    ]) {
      const candidates = manyCandidates(count, upstream === undefined)
      const options = { weights: DEFAULT_WEIGHTS, upstream, maxPricePerPixel: { num: 2_000n, den: 1n } }
      works[`${count} ${name}`] = { count, run: () => selectOrchestrator(candidates, options, Math.random()) }
    }
  const found = {}
  for (const [name, { count, run }] of Object.entries(works))
    Object.assign(found, await cpuRates({ [name]: run }, { calls: Math.ceil((quick ? 20_000 : 100_000) / count) }))
  const ms = (name) => found[name].map((rate) => 1_000 / rate)
  table(
    ['orchestrators and rule', 'ms of processor time a choice, median (least to most) of 5'],
    Object.keys(works).map((name) => [name, spread(ms(name), 3)]),
  )
  for (const [name, { count }] of Object.entries(works))
    bound(`a choice of ${name}`, summary(ms(name)).median, BOUNDS[count], 'ms')
}

/** Orchestrators that differ in everything; go-livepeer's rule draws only among those without a latency. */
function manyCandidates(count, known) {
  return Array.from({ length: count }, (_, i) => ({
    serviceUri: `https://orchestrator-${i}.example:8935`,
    address: `0x${i.toString(16).padStart(40, '0')}`,
    pricePerPixel: { num: BigInt(500 + ((i * 7919) % 1_600)), den: 1n },
    latencyScore: known ? 0.2 + ((i * 31) % 70) / 100 : undefined,
    quality: undefined,
    stakeLpt: BigInt(1 + ((i * 104_729) % 100_000)),
    suspended: i % 17 === 0,
  }))
}

import { existsSync, rmSync } from 'node:fs'
import { afterAll, afterEach, expect, it } from 'vitest'
import { Random } from './random.ts'
import { Broken, corpusOf, fuzz, type Target } from './target.ts'
import { Watchdog } from './watchdog.ts'

const NAME = 'a-door-made-to-break'
const watchdog = new Watchdog()
afterEach(() => rmSync(corpusOf(NAME), { recursive: true, force: true }))
afterAll(() => watchdog.stop())

const held: Uint8Array[] = []
const door = (take: Target['take']): Target => ({
  name: NAME,
  samples: () => [Buffer.from('a valid message with a length of 0x10')],
  take,
  isOwn: (error) => error instanceof RangeError,
})
const found = (take: Target['take']) =>
  fuzz(door(take), { seed: 7, round: 0, ms: 5_000, watchdog }, { cases: 0, taken: 0, refused: 0 })

it.each<[string, Target['take'], RegExp]>([
  [
    'another error than its own',
    (input) => {
      if (input[3] === 0xff) throw new TypeError('reading undefined')
    },
    /it threw TypeError: reading undefined/,
  ],
  [
    'a message that comes back as another',
    (input) => {
      if (input.length === 5) throw new Broken('it is another')
    },
    /^it is another$/,
  ],
  [
    'memory for a length that lies',
    (input) => {
      if (input[0] === 0x80) held.push(new Uint8Array(100 << 20))
    },
    /it took \d+ MB/,
  ],
  [
    'time out of all proportion',
    (input) => {
      const began = process.cpuUsage()
      const spent = () => process.cpuUsage(began).user + process.cpuUsage(began).system
      if (input[0] === 0) while (spent() < 1_100_000);
    },
    /ms of processor time/,
  ],
  [
    'a promise that rejects with another error',
    async (input) => {
      if (input.length === 0) throw new Error('no reason')
    },
    /it threw Error: no reason/,
  ],
])('the fuzzer finds a door that gives %s, and keeps what it was given', async (_, take, why) => {
  const fault = await found(take)
  expect(fault?.why).toMatch(why)
  expect(fault).toMatchObject({ target: NAME, seed: 7, hex: expect.stringMatching(/^([0-9a-f]{2})*$/) })
  expect(existsSync(corpusOf(NAME))).toBe(true)
})

it('the same seed gives the same inputs', async () => {
  const given = async () => {
    const inputs: string[] = []
    await found((input) => {
      inputs.push(Buffer.from(input).toString('hex'))
      if (inputs.length === 200) throw new Broken('enough')
    })
    return inputs
  }
  const first = await given()
  expect(first).toHaveLength(200)
  expect(await given()).toEqual(first)
  expect(new Set(first).size).toBeGreaterThan(150)
  expect(new Random(1).bytes(32)).toEqual(new Random(1).bytes(32))
})

import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hashing } from '@millrace/base/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allCells, type Cell, NOT_IN_CONTAINER, nameOf, type Outcome, PLAYS } from './formats.ts'
import { formatsPage, outcomesOf } from './formats-page.fixture.ts'
import { madeOutcomes, madeSection } from './made.fixture.ts'
import { playCell } from './play-cell.fixture.ts'

// All cells with `npm run test:formats`, which writes the page, too; `npm test` takes a few of them and looks at the page.
const isFull = process.env.MILLRACE_FORMATS === 'full'
const PAGE = 'docs/formats.md'
/** Cells that must play, one a line; a line that is taken away is a loss. */
const MUST_PLAY = readFileSync(new URL('./must-play.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
/** The number of lines when the list was made last: it may grow only. */
const LEAST = 54

const hashing = new Hashing()
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-formats-'))
})
afterAll(async () => {
  await hashing.stop()
  await rm(folder, { recursive: true, force: true })
})

const FEW = ['MP4 AV1', 'Matroska PCM', 'WebM VP8', 'MPEG-TS MPEG-2']

describe('the matrix of formats', () => {
  it('has a list of cells that must play, which does not shrink', () => {
    expect(new Set(MUST_PLAY).size).toBe(MUST_PLAY.length)
    expect(MUST_PLAY.length).toBeGreaterThanOrEqual(LEAST)
    const known = new Set(allCells().map(nameOf))
    expect(MUST_PLAY.filter((name) => !known.has(name))).toEqual([])
  })

  it('says on its page what was found, and at least four of five cells that a container allows must play', async () => {
    const outcomes = outcomesOf(await readFile(PAGE, 'utf8'))
    const allowed = [...outcomes].filter(([, outcome]) => outcome !== NOT_IN_CONTAINER)
    expect(outcomes.size).toBe(allCells().length)
    expect(MUST_PLAY.filter((name) => outcomes.get(name) !== PLAYS)).toEqual([])
    expect(MUST_PLAY.length / allowed.length).toBeGreaterThanOrEqual(0.8)
  })

  it.skipIf(isFull)('says what comes out', async () => {
    expect(await readFile(PAGE, 'utf8')).toContain(madeSection(await madeOutcomes()))
  })

  it.skipIf(isFull).each(FEW)('plays %s', async (name) => {
    const cell = allCells().find((one) => nameOf(one) === name) as Cell
    expect(await playCell(cell, folder, hashing)).toBe(PLAYS)
  })

  it.runIf(isFull)(
    'plays every cell of its list, and names the codec of what it does not take',
    async () => {
      const outcomes = new Map<string, Outcome>()
      const cells = allCells()
      const work = async () => {
        for (let cell = cells.shift(); cell; cell = cells.shift())
          outcomes.set(nameOf(cell), await playCell(cell, folder, hashing))
      }
      await Promise.all([work(), work()])
      await writeFile(PAGE, formatsPage(outcomes, madeSection(await madeOutcomes())))
      const failing = MUST_PLAY.filter((name) => outcomes.get(name) !== PLAYS)
      expect(failing.map((name) => `${name}: ${outcomes.get(name)}`)).toEqual([])
      const playing = [...outcomes].flatMap(([name, outcome]) => (outcome === PLAYS ? [name] : []))
      expect(
        playing.filter((name) => !MUST_PLAY.includes(name)),
        'play now: add them to the list',
      ).toEqual([])
    },
    600_000,
  )
})

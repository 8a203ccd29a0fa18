import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const FOLDER = 'contracts/test/incidents'
const rows = readFileSync('docs/incidents.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\|(---| date \|)/.test(line))
  .map((line) => {
    const [date = '', what = '', test = ''] = line.slice(1, -1).split(' | ')
    const [, path = '', name = ''] = /^`([^`]+)`: `([^`]+)`\s*$/.exec(test) ?? []
    return { date: date.trim(), what, path, name, key: `${path}: ${name}` }
  })

/** How a test of that name begins in its file. */
const declarationOf = ({ path, name }: { path: string; name: string }) =>
  path.endsWith('.sol') ? new RegExp(`function ${name}\\(`) : new RegExp(`\\b(it|test)\\('${name}',`)

describe('docs/incidents.md', () => {
  it('has a date, an incident and a test in every row', () => {
    expect(rows.length).toBeGreaterThanOrEqual(39)
    for (const row of rows) {
      expect(row.date).toMatch(/^(20\d\d-\d\d(-\d\d)?|unknown)$/)
      expect(row.what.length, row.key).toBeGreaterThan(10)
      expect(row.name, row.what).not.toBe('')
    }
  })

  it.each(rows)('names a test that exists: $key', (row) => {
    expect(readFileSync(row.path, 'utf8').match(new RegExp(declarationOf(row), 'g'))).toHaveLength(1)
  })

  it('names every test once, and all tests of incidents', () => {
    const keys = rows.map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
    for (const file of readdirSync(FOLDER)) {
      const tests = readFileSync(`${FOLDER}/${file}`, 'utf8').matchAll(/function (test\w*)\(/g)
      for (const [, name] of tests) expect(keys).toContain(`${FOLDER}/${file}: ${name}`)
    }
  })

  it('has all eight edits of version 12', () => {
    for (let edit = 1; edit <= 8; edit++)
      expect(
        rows.some(({ what }) => what.startsWith(`Edit ${edit}: `)),
        `edit ${edit}`,
      ).toBe(true)
  })
})

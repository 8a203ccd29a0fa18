import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const rows = readFileSync('docs/faults.md', 'utf8')
  .split('\n')
  .filter((line) => /^\| \d+ \|/.test(line))
  .map((line) => {
    const [number = '', what = '', test = ''] = line.slice(2, -2).split(' | ')
    const [, path = '', title = ''] = /^`([^`]+)`: `([^`]+)`$/.exec(test) ?? []
    return { number: Number(number), what, test, path, title, key: `${number}, ${what}` }
  })
const named = rows.filter(({ path }) => path !== '')

/** How a test of that title begins in its file: with its title, after it, test or the table of an each. */
function declarationOf(path: string, title: string): RegExp {
  if (path.endsWith('.sol')) return new RegExp(`function ${title}\\(`, 'g')
  const text = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`\\(\\s*(['"\`])${text}\\1,`, 'g')
}

describe('docs/faults.md', () => {
  it('leaves out none of the faults 1 to 92', () => {
    const wanted = Array.from({ length: 92 }, (_, i) => 1 + i)
    const found = new Set(rows.map(({ number }) => number))
    expect(wanted.filter((number) => !found.has(number))).toEqual([])
  })

  it.each(named)('names a test that exists: $key', ({ path, title }) => {
    expect(readFileSync(path, 'utf8').match(declarationOf(path, title))).toHaveLength(1)
  })

  it('says plainly where there is none', () => {
    for (const { key, path, test } of rows) if (path === '') expect(test, key).toMatch(/^\*\*missing\*\*: \S.{10,}/)
  })

  it('names no test twice', () => {
    const keys = named.map(({ path, title }) => `${path}: ${title}`)
    expect(new Set(keys).size).toBe(keys.length)
  })
})

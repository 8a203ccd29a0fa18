import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ROLES } from './flag.ts'
import { FLAGS, findFlag } from './flag-table.ts'
import { Flags } from './flags.ts'

type Upstream = { readonly name: string; readonly type: string; readonly default: string }
const upstream = JSON.parse(
  readFileSync(new URL('fixtures/go-livepeer-flags.json', import.meta.url), 'utf8'),
) as readonly Upstream[]

const KINDS: Readonly<Record<string, readonly string[]>> = {
  String: ['text'],
  Bool: ['switch'],
  // Amounts of wei go beyond what a count may be.
  Int: ['count', 'text'],
  Int64: ['count', 'text'],
  Float64: ['number'],
  Duration: ['duration'],
}

/** Ours differ on purpose: rewards are called for wherever the orchestrator is active, as go-livepeer does without the flag. */
const OTHER_DEFAULTS = new Set(['reward'])

const UNIT_MS: Readonly<Record<string, number>> = { Millisecond: 1, Second: 1_000, Minute: 60_000 }
/** Defaults are Go expressions there: `2 * time.Second`. */
function defaultMs(text: string): number {
  const [, count, unit = ''] = /^(\d+) \* time\.(\w+)$/.exec(text) ?? []
  return Number(count) * UNIT_MS[unit]!
}

describe('the table of flags', () => {
  it('has every flag of go-livepeer, of the same kind', () => {
    expect(upstream.length).toBe(120)
    for (const { name, type } of upstream) expect(KINDS[type], name).toContain(findFlag(name)?.kind)
  })

  it('has no other flag than those and the ones that are marked as ours', () => {
    const names = new Set(upstream.map(({ name }) => name))
    expect(FLAGS.filter(({ name, ours }) => names.has(name) === (ours === true)).map(({ name }) => name)).toEqual([])
  })

  it('spells the names as go-livepeer does', () => {
    const names = FLAGS.flatMap((flag) => [flag.name, ...(flag.aliases ?? [])] as string[])
    expect(upstream.filter(({ name }) => !names.includes(name))).toEqual([])
  })

  it('has the defaults of go-livepeer', () => {
    const none = new Flags(new Map())
    for (const { name, type, default: standard } of upstream) {
      const flag = findFlag(name)!
      if (OTHER_DEFAULTS.has(name)) continue
      if (type === 'Duration') expect(none.durationMs(flag.name), name).toBe(defaultMs(standard))
      else expect(flag.standard, name).toBe(standard)
    }
  })

  it('has each name once in every spelling, with a text and a reader', () => {
    const names = FLAGS.map(({ name }) => name.toLowerCase())
    expect(new Set(names).size).toBe(names.length)
    for (const { help, roles } of FLAGS) {
      expect(help.length).toBeGreaterThan(10)
      expect(roles.length).toBeGreaterThan(0)
      for (const role of roles) expect(ROLES).toContain(role)
    }
  })
})

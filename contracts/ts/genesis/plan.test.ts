import { describe, expect, test } from 'vitest'
import { checkPlan, type GenesisPlan, GenesisPlanError, genesisSupply, parsePlan } from './plan.ts'

const one = '0x00000000000000000000000000000000000000A1'
const two = '0x00000000000000000000000000000000000000a2'
const vested = (amount: bigint) => ({ account: one, amount, start: 1n, cliffSeconds: 2n, durationSeconds: 3n }) as const
const plan: GenesisPlan = {
  crowd: [
    { account: one, amount: genesisSupply.crowd - 1n },
    { account: two, amount: 1n },
  ],
  company: [{ account: one, amount: genesisSupply.company }],
  team: [vested(genesisSupply.team)],
  investors: [vested(genesisSupply.investors)],
  community: [{ account: two, amount: genesisSupply.community }],
}
const asJson = (value: unknown) => JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part))

test('the parts of the supply are ten million LPT', () => {
  expect(Object.values(genesisSupply).reduce((sum, part) => sum + part)).toBe(10_000_000n * 10n ** 18n)
})

describe('a plan', () => {
  test('that gives everything out to the last unit is good, also from JSON', () => {
    checkPlan(plan)
    expect(parsePlan(asJson(plan))).toEqual(plan)
  })

  test.each([
    [
      'a unit less',
      { ...plan, company: [{ account: one, amount: genesisSupply.company - 1n }] },
      /^company: the amounts/,
    ],
    ['a unit more', { ...plan, team: [vested(genesisSupply.team + 1n)] }, /^team: the amounts/],
    ['nothing for somebody', { ...plan, company: [...plan.company, { account: two, amount: 0n }] }, /not an amount/],
    ['no address', { ...plan, company: [{ account: '0x1', amount: genesisSupply.company }] }, /not an address/],
    [
      'one account twice in the crowd, in another spelling',
      { ...plan, crowd: [plan.crowd[0]!, { account: one.toLowerCase(), amount: 1n }] },
      /named twice/,
    ],
    [
      'a cliff after the end',
      { ...plan, investors: [{ ...vested(genesisSupply.investors), cliffSeconds: 4n }] },
      /after the end/,
    ],
  ])('with %s is refused', (_, wrong, sentence) => {
    const check = () => checkPlan(wrong as GenesisPlan)
    expect(check).toThrow(GenesisPlanError)
    expect(check).toThrow(sentence)
  })

  test.each([
    ['no JSON', 'crowd', /not JSON/],
    ['no lists', 'null', /no list named crowd/],
    ['an amount that is a number', asJson({ ...plan, crowd: [{ account: one, amount: 1 }] }), /entry 0 needs amount/],
    ['a vesting without a start', asJson({ ...plan, team: [{ account: one, amount: '1' }] }), /entry 0 needs start/],
  ])('of %s is not read', (_, json, sentence) => {
    expect(() => parsePlan(json)).toThrow(GenesisPlanError)
    expect(() => parsePlan(json)).toThrow(sentence)
  })
})

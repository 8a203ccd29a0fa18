import { demand } from './failure.ts'

// The orchestrators that are active from the next round on, the one with most stake first. Specification, section 3.3.

export type Member = { readonly id: string; readonly stake: bigint }
export type Pool = readonly Member[]

/** Where a caller says that a member belongs: the neighbours it will have, `ZERO` for none. */
export type Hint = readonly [previous: string, next: string]

export const noHint: Hint = ['ZERO', 'ZERO']

export const contains = (pool: Pool, id: string): boolean => pool.some((member) => member.id === id)

export function insert(pool: Pool, maxSize: bigint, member: Member, hint: Hint): Pool {
  demand(BigInt(pool.length) < maxSize, 'list is full')
  demand(!contains(pool, member.id), 'node already in list')
  demand(member.id !== 'ZERO', 'node id is null')
  demand(member.stake > 0n, 'key is zero')
  return pool.toSpliced(placeFor(pool, member.stake, hint), 0, member)
}

export function remove(pool: Pool, id: string): Pool {
  demand(contains(pool, id), 'node not in list')
  return pool.filter((member) => member.id !== id)
}

/** Takes a member out and, if it has stake left, in again. */
export function restake(pool: Pool, maxSize: bigint, member: Member, hint: Hint): Pool {
  const others = remove(pool, member.id)
  return member.stake > 0n ? insert(others, maxSize, member, hint) : others
}

/** The number of members that will stand before somebody with this stake. */
function placeFor(pool: Pool, stake: bigint, [previous, next]: Hint): number {
  const fits = (place: number): boolean =>
    (place === 0 || pool[place - 1]!.stake >= stake) && (place === pool.length || stake >= pool[place]!.stake)
  const placeOf = (id: string) => pool.findIndex((member) => member.id === id)

  const named = gapBetween(pool, previous, next)
  if (named !== undefined && fits(named)) return named

  // What is left of the hint says where to look from; equal stakes make the direction matter.
  const before = placeOf(previous)
  const after = placeOf(next)
  if (before >= 0 && stake <= pool[before]!.stake) {
    if (before === 0 && fits(0)) return 0
    let place = before + 1
    while (!fits(place)) place++
    return place
  }
  if (after >= 0 && stake >= pool[after]!.stake) {
    if (after === pool.length - 1 && fits(pool.length)) return pool.length
    let place = after
    while (!fits(place)) place--
    return place
  }
  let place = 0
  while (!fits(place)) place++
  return place
}

/** The place between two members that stand next to each other, if they do. */
function gapBetween(pool: Pool, previous: string, next: string): number | undefined {
  if (previous === 'ZERO' && next === 'ZERO') return pool.length === 0 ? 0 : undefined
  if (previous === 'ZERO') return pool[0]?.id === next ? 0 : undefined
  const place = pool.findIndex((member) => member.id === previous) + 1
  if (place === 0) return undefined
  return (pool[place]?.id ?? 'ZERO') === next ? place : undefined
}

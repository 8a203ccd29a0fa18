import { type Address, getAddress, isAddress } from 'viem'
import type { Claim } from './merkle-tree.ts'

/** Tokens that vest. Times are Unix times or lengths, in seconds. */
export type VestingGrant = Claim & {
  readonly start: bigint
  readonly cliffSeconds: bigint
  readonly durationSeconds: bigint
}

/** Who gets the first tokens; amounts are LPT base units. */
export type GenesisPlan = {
  /** Claimed by Merkle proof. */
  readonly crowd: readonly Claim[]
  readonly company: readonly Claim[]
  readonly team: readonly VestingGrant[]
  readonly investors: readonly VestingGrant[]
  readonly community: readonly Claim[]
}

export type GenesisPart = keyof GenesisPlan

/** The parts in the order of the contract. */
export const genesisParts = ['crowd', 'company', 'team', 'investors', 'community'] as const

const lpt = 10n ** 18n

/** What each part of the first supply of LPT amounts to: 10,000,000 LPT in all. */
export const genesisSupply: Readonly<Record<GenesisPart, bigint>> = {
  crowd: 6_343_700n * lpt,
  company: 500_000n * lpt,
  team: 1_235_000n * lpt,
  investors: 1_900_000n * lpt,
  community: 21_300n * lpt,
}

/** A plan that cannot be carried out. */
export class GenesisPlanError extends Error {
  readonly code = 'genesis_plan_wrong'

  constructor(message: string) {
    super(message)
    this.name = 'GenesisPlanError'
  }
}

/** Checks that every part is given out to the last unit and nobody is to claim twice; throws GenesisPlanError. */
export function checkPlan(plan: GenesisPlan): void {
  for (const part of genesisParts) {
    const entries: readonly Claim[] = plan[part]
    for (const { account, amount } of entries) {
      if (!isAddress(account)) throw new GenesisPlanError(`${part}: ${account} is not an address`)
      if (amount <= 0n) throw new GenesisPlanError(`${part}: ${account} would get ${amount}, which is not an amount`)
    }
    const sum = entries.reduce((total, { amount }) => total + amount, 0n)
    if (sum !== genesisSupply[part])
      throw new GenesisPlanError(`${part}: the amounts add up to ${sum}, they must add up to ${genesisSupply[part]}`)
  }
  const seen = new Set<Address>()
  for (const { account } of plan.crowd) {
    if (seen.has(getAddress(account))) throw new GenesisPlanError(`crowd: ${account} is named twice, but claims once`)
    seen.add(getAddress(account))
  }
  for (const { account, cliffSeconds, durationSeconds } of [...plan.team, ...plan.investors]) {
    if (cliffSeconds > durationSeconds)
      throw new GenesisPlanError(`${account}: the cliff of ${cliffSeconds} s is after the end at ${durationSeconds} s`)
  }
}

/** Reads a plan from JSON, in which amounts and times are decimal strings; throws GenesisPlanError. */
export function parsePlan(json: string): GenesisPlan {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    throw new GenesisPlanError('the plan is not JSON')
  }
  const entries = (part: GenesisPart, numbers: readonly string[]) => {
    const list = (value as Record<string, unknown> | null)?.[part]
    if (!Array.isArray(list)) throw new GenesisPlanError(`the plan has no list named ${part}`)
    return list.map((entry: Record<string, unknown>, index) => {
      const read = numbers.map((name) => {
        const text = entry?.[name]
        if (typeof text !== 'string' || !/^\d+$/.test(text))
          throw new GenesisPlanError(`${part}: entry ${index} needs ${name} as a decimal string`)
        return [name, BigInt(text)] as const
      })
      return { account: String(entry.account) as Address, ...Object.fromEntries(read) }
    })
  }
  const vesting = ['amount', 'start', 'cliffSeconds', 'durationSeconds']
  return {
    crowd: entries('crowd', ['amount']),
    company: entries('company', ['amount']),
    team: entries('team', vesting),
    investors: entries('investors', vesting),
    community: entries('community', ['amount']),
  } as unknown as GenesisPlan
}

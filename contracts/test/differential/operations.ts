import type { NetworkReads } from '../../ts/testing/network-state.ts'
import { actors, readPool } from '../../ts/testing/network-state.ts'
import type { Recorded, Step } from '../../ts/testing/recording.ts'
import type { Random } from './random.ts'
import { openTickets } from './random-tickets.ts'

/** A transaction to try. */
export type Operation = Pick<Step, 'op' | 'contract' | 'function' | 'sender' | 'args' | 'value'>

/** What makes up operations; it looks at a network, so that many of them have a chance. */
export type Operations = { next(): Promise<Operation> }

const lpt = 10n ** 18n
const orchestrators = actors.slice(0, 6)
const everybody = [...actors, 'OWNER', 'MIGRATOR']

type Maker = () => Promise<Partial<Operation>> | Partial<Operation>

/**
 * Makes up random operations on a network, valid ones and others. Equal stakes are rare by chance, and the pool's order
 * among them matters: with `equalStakes` amounts are round.
 */
export function openOperations(random: Random, network: NetworkReads, equalStakes: boolean): Operations {
  const { below, chance, pick, upTo } = random
  const tickets = openTickets(random, network)
  const read = async (contract: string, name: string, ...args: Recorded[]) =>
    (await network.read([[contract, name, args]]))[0] as string
  const anybody = () => pick(chance(0.05) ? everybody : actors)
  const somebody = () => (chance(0.03) ? 'ZERO' : anybody())
  const target = () => (chance(0.75) ? pick(orchestrators) : somebody())
  const amount = () => {
    if (equalStakes || chance(0.1)) return String(BigInt(1 + below(3)) * 100n * lpt)
    return String(chance(0.15) ? upTo(10n) : upTo(800n * lpt))
  }
  const percentage = () =>
    String(chance(0.05) ? 1_000_001 + below(9) : pick([0, 1, 999_999, 1_000_000, below(1_000_000)]))
  const delegatorOf = async (account: string) =>
    (await network.read([['BondingManager', 'getDelegator', [account]]]))[0] as string[]

  /** Neighbours in the pool, right ones now and then. */
  const hint = async (): Promise<[string, string]> => {
    const pool = ['ZERO', ...(await readPool(network)), 'ZERO']
    if (chance(0.4)) {
      const place = below(pool.length - 1)
      return [pool[place]!, pool[place + 1]!]
    }
    return chance(0.2) ? [somebody(), somebody()] : [pick(pool), pick(pool)]
  }
  const lockOf = async (account: string): Promise<string> => {
    const [, , , , , , next] = await delegatorOf(account)
    return String(below(Number(next) + (chance(0.05) ? 2 : 0) || 1))
  }
  const partOfBond = async (account: string): Promise<string> => {
    const [bonded] = await delegatorOf(account)
    if (equalStakes && chance(0.8)) return String(100n * lpt)
    return String(chance(0.06) ? BigInt(bonded!) + upTo(2n) : upTo(BigInt(bonded!)))
  }
  /** Somebody whose lock is likely to be there. */
  const unbonder = async (): Promise<string> => {
    for (let tries = 0; tries < 4; tries++) {
      const account = anybody()
      const [, , , , , , next] = await delegatorOf(account)
      if (next !== '0') return account
    }
    return anybody()
  }
  const manager = (name: string, sender: string, args: Recorded[]): Partial<Operation> => ({
    contract: 'BondingManager',
    function: name,
    sender,
    args,
  })
  const hinted = async (name: string, sender: string, args: Recorded[], hints = 1): Promise<Partial<Operation>> => {
    if (chance(0.5) && hints === 1) return manager(name, sender, args)
    const positions = await Promise.all(Array.from({ length: hints }, hint))
    return manager(`${name}WithHint`, sender, [...args, ...positions.flat()])
  }

  const makers: readonly (readonly [weight: number, make: Maker])[] = [
    [
      14,
      async () => {
        const sender = anybody()
        const to = orchestrators.includes(sender) && chance(0.7) ? sender : target()
        if (chance(0.6)) return manager('bond', sender, [amount(), to])
        return manager('bondWithHint', sender, [amount(), to, ...(await hint()), ...(await hint())])
      },
    ],
    [
      5,
      async () => {
        const args = [chance(0.2) ? '0' : amount(), somebody(), target(), ...(await hint()), ...(await hint())]
        return manager('bondForWithHint', chance(0.15) ? 'MIGRATOR' : anybody(), args)
      },
    ],
    [
      8,
      async () => {
        const sender = anybody()
        return hinted('unbond', sender, [await partOfBond(sender)])
      },
    ],
    [
      4,
      async () => {
        const sender = await unbonder()
        return hinted('rebond', sender, [await lockOf(sender)])
      },
    ],
    [
      5,
      async () => {
        const sender = await unbonder()
        return hinted('rebondFromUnbonded', sender, [target(), await lockOf(sender)])
      },
    ],
    [
      6,
      async () => {
        const sender = anybody()
        const args = [somebody(), await partOfBond(sender), ...(await hint()), ...(await hint())]
        return manager('transferBond', sender, args)
      },
    ],
    [
      4,
      async () => {
        const sender = await unbonder()
        return manager('withdrawStake', sender, [await lockOf(sender)])
      },
    ],
    [
      5,
      async () => {
        const sender = pick(actors)
        const fees = BigInt(await read('BondingManager', 'pendingFees', sender, '0'))
        return manager('withdrawFees', sender, [somebody(), String(chance(0.1) ? fees + 1n : upTo(fees))])
      },
    ],
    [4, () => manager('claimEarnings', anybody(), ['0'])],
    [2, () => manager('checkpointBondingState', anybody(), [somebody()])],
    [12, () => hinted('reward', pick(chance(0.95) ? orchestrators : actors), [])],
    [2, () => manager('setRewardCaller', pick(orchestrators), [somebody()])],
    [
      3,
      async () => {
        const account = pick(orchestrators)
        const caller = await read('BondingManager', 'transcoderToRewardCaller', account)
        return hinted('rewardForTranscoder', chance(0.8) && caller !== 'ZERO' ? caller : anybody(), [account])
      },
    ],
    [6, () => hinted('transcoder', pick(chance(0.9) ? orchestrators : actors), [percentage(), percentage()])],
    [16, () => tickets.next()],
    [3, () => owned('setting', settingOf(random))],
    [1, () => owned('pause', { contract: 'Controller', function: pick(['pause', 'unpause']), args: [] })],
    [
      1,
      () => ({
        contract: 'LivepeerToken',
        function: 'transfer',
        sender: pick(actors),
        args: [somebody(), amount()],
      }),
    ],
    [1, () => ({ ...pick(forbidden), sender: anybody() })],
    [1, () => ({ contract: 'RoundsManager', function: 'initializeRound', sender: anybody(), args: [] })],
  ]
  const owned = (op: string, call: Partial<Operation>): Partial<Operation> => ({
    op,
    sender: chance(0.85) ? 'OWNER' : pick(actors),
    ...call,
  })

  /** Time passes in steps that come one after the other. */
  const planned: Maker[] = []
  const rounds = (name: string, ...args: Recorded[]) => ({
    contract: 'RoundsManager',
    function: name,
    sender: 'OWNER',
    args,
  })
  const letTimePass = async () => {
    const [block, start, length] = (
      await network.read([
        ['RoundsManager', 'blockNum', []],
        ['RoundsManager', 'currentRoundStartBlock', []],
        ['RoundsManager', 'roundLength', []],
      ])
    ).map((value) => BigInt(value as string)) as [bigint, bigint, bigint]
    const end = start + length
    if (chance(0.25)) {
      // Somewhere in this round, perhaps where terms are locked.
      planned.push(() => rounds('setBlockNum', String(block + upTo(end - 1n - block))))
      return
    }
    const skipped = chance(0.3) ? upTo(3n) : 0n
    planned.push(() => rounds('setBlockHash', random.hex(32)))
    planned.push(() => rounds('setBlockNum', String(end + skipped * length + upTo(length / 3n))))
    if (chance(0.9)) planned.push(() => rounds('initializeRound'))
    // Fees right after a reward, the first in a while, are shared by an estimate of the factor before it.
    const [member] = await readPool(network)
    if (skipped === 0n || member === undefined) return
    planned.push(() => hinted('reward', member, []))
    planned.push(() => tickets.redeemFor(member))
  }

  /** Somebody pauses the system now and then; it must not stay so. */
  const wakeUp = async () => {
    if (chance(0.3) && ((await network.read([['Controller', 'paused', []]]))[0] as unknown as boolean)) {
      planned.push(() => ({ contract: 'Controller', function: 'unpause', sender: 'OWNER', args: [] }))
    }
    const initialized = (await network.read([['RoundsManager', 'currentRoundInitialized', []]]))[0]
    if (initialized === false && chance(0.3)) planned.push(() => rounds('initializeRound'))
  }

  const total = makers.reduce((sum, [weight]) => sum + weight, 0)
  return {
    async next() {
      if (planned.length === 0) await wakeUp()
      if (planned.length === 0 && chance(0.09)) await letTimePass()
      const made = await (planned.shift() ?? pickWeighted(makers, below(total)))()
      return { op: made.function!, ...made } as Operation
    },
  }
}

/** Calls that nobody but a contract may make. */
const forbidden: readonly Partial<Operation>[] = [
  { contract: 'BondingManager', function: 'setCurrentRoundTotalActiveStake', args: [] },
  { contract: 'BondingManager', function: 'slashTranscoder', args: ['A0', 'A1', '500000', '500000'] },
  { contract: 'BondingManager', function: 'updateTranscoderWithFees', args: ['A0', '1000', '1'] },
  { contract: 'BondingVotes', function: 'checkpointBondingState', args: ['A0', '1', '1', 'A0', '1', '0', '0'] },
  { contract: 'BondingVotes', function: 'delegate', args: ['A0'] },
  { contract: 'Minter', function: 'createReward', args: ['1', '2'] },
  { contract: 'Minter', function: 'trustedTransferTokens', args: ['A0', '1'] },
]

function settingOf({ pick, below, upTo }: Random): Partial<Operation> {
  const [contract, name, value] = pick<readonly [string, string, bigint]>([
    ['BondingManager', 'setUnbondingPeriod', BigInt(1 + below(4))],
    ['BondingManager', 'setNumActiveTranscoders', BigInt(below(6))],
    ['BondingManager', 'setTreasuryRewardCutRate', upTo(10n ** 27n) + BigInt(below(2))],
    ['BondingManager', 'setTreasuryBalanceCeiling', upTo(2_000n * lpt)],
    ['Minter', 'setTargetBondingRate', upTo(10n ** 9n) + BigInt(below(2))],
    ['Minter', 'setInflationChange', upTo(3_000_000n)],
    ['RoundsManager', 'setRoundLockAmount', upTo(10n ** 6n) + BigInt(below(2))],
    ['RoundsManager', 'setRoundLength', BigInt(below(60))],
    ['TicketBroker', 'setUnlockPeriod', BigInt(1 + below(3))],
    ['TicketBroker', 'setTicketValidityPeriod', BigInt(below(4))],
  ])
  return { contract, function: name, args: [String(value)] }
}

function pickWeighted<Value>(choices: readonly (readonly [number, Value])[], at: number): Value {
  let left = at
  for (const [weight, value] of choices) {
    if (left < weight) return value
    left -= weight
  }
  throw new Error('the weights do not add up')
}

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { hasForge, runScript } from './testing/scripts.ts'

const home = fileURLToPath(new URL('..', import.meta.url))
type Layouts = Record<string, { slots: string[]; structs: Record<string, string[]> }>

describe('committed artifacts', () => {
  test.runIf(hasForge())('equal what the sources compile to', { timeout: 120_000 }, () => {
    const out = mkdtempSync(join(tmpdir(), 'millrace-artifacts-'))
    try {
      const { status, output } = runScript('build.js', ['--out', out])
      expect(status, output).toBe(0)
      expect(readFolder(join(home, 'artifacts'))).toEqual(readFolder(join(out, 'artifacts')))
      expect(readFolder(join(home, 'ts/generated'))).toEqual(readFolder(join(out, 'generated')))
    } finally {
      rmSync(out, { recursive: true, force: true })
    }
  })

  test('hold no contract above the size that a chain accepts', () => {
    const sizes = Object.entries(readFolder(join(home, 'artifacts')))
      .filter(([file]) => file !== 'storage-layouts.json')
      .map(([file, text]) => [file, (JSON.parse(text).deployedBytecode.length - 2) / 2] as const)
    expect(sizes.length).toBe(13)
    expect(sizes.filter(([, bytes]) => bytes > 24_576)).toEqual([])
  })

  test('name no folder of the machine they were made on', () => {
    const texts = Object.values({ ...readFolder(join(home, 'artifacts')), ...readFolder(join(home, 'ts/generated')) })
    expect(texts.filter((text) => text.includes(home) || text.includes('node_modules'))).toEqual([])
  })
})

describe('storage stays where the deployed contracts have it, so that code behind a proxy can be exchanged', () => {
  const layouts = JSON.parse(readFileSync(join(home, 'artifacts/storage-layouts.json'), 'utf8')) as Layouts
  const proxied = ['0 controller: IController', '1 targetContractId: bytes32']

  test('ManagerProxy', () => {
    expect(layouts.ManagerProxy!.slots).toEqual(proxied)
  })

  test('BondingManager', () => {
    const { slots, structs } = layouts.BondingManager!
    expect(slots).toEqual([
      ...proxied,
      '2 unbondingPeriod: uint64',
      '3 delegators: mapping(address => BondingStorage.Delegator)',
      '4 transcoders: mapping(address => BondingStorage.Transcoder)',
      '5 currentRoundTotalActiveStake: uint256',
      '6 nextRoundTotalActiveStake: uint256',
      '7 transcoderPool: SortedDoublyLL.Data',
      '12 treasuryRewardCutRate: uint256',
      '13 nextRoundTreasuryRewardCutRate: uint256',
      '14 treasuryBalanceCeiling: uint256',
      '15 transcoderToRewardCaller: mapping(address => address)',
    ])
    expect(structs).toEqual({
      'BondingStorage.Delegator': [
        '0 bondedAmount: uint256',
        '1 fees: uint256',
        '2 delegateAddress: address',
        '3 delegatedAmount: uint256',
        '4 startRound: uint256',
        '5 lastClaimRound: uint256',
        '6 nextUnbondingLockId: uint256',
        '7 unbondingLocks: mapping(uint256 => BondingStorage.UnbondingLock)',
      ],
      'BondingStorage.UnbondingLock': ['0 amount: uint256', '1 withdrawRound: uint256'],
      'BondingStorage.Transcoder': [
        '0 lastRewardRound: uint256',
        '1 rewardCut: uint256',
        '2 feeShare: uint256',
        '3 earningsPoolPerRound: mapping(uint256 => EarningsPool.Data)',
        '4 lastActiveStakeUpdateRound: uint256',
        '5 activationRound: uint256',
        '6 deactivationRound: uint256',
        '7 activeCumulativeRewards: uint256',
        '8 cumulativeRewards: uint256',
        '9 cumulativeFees: uint256',
        '10 lastFeeRound: uint256',
      ],
      'EarningsPool.Data': [
        '0 totalStake: uint256',
        '1 transcoderRewardCut: uint256',
        '2 transcoderFeeShare: uint256',
        '3 cumulativeRewardFactor: uint256',
        '4 cumulativeFeeFactor: uint256',
      ],
      'SortedDoublyLL.Data': [
        '0 head: address',
        '1 tail: address',
        '2 maxSize: uint256',
        '3 size: uint256',
        '4 nodes: mapping(address => SortedDoublyLL.Node)',
      ],
      'SortedDoublyLL.Node': ['0 key: uint256', '1 nextId: address', '2 prevId: address'],
    })
  })

  test('BondingVotes', () => {
    const { slots, structs } = layouts.BondingVotes!
    expect(slots).toEqual([
      ...proxied,
      '2 bondingCheckpoints: mapping(address => BondingVotes.BondingCheckpointsByRound)',
      '3 totalStakeCheckpoints: BondingVotes.TotalActiveStakeByRound',
    ])
    expect(structs).toEqual({
      'BondingVotes.BondingCheckpointsByRound': [
        '0 startRounds: uint256[]',
        '1 data: mapping(uint256 => BondingVotes.BondingCheckpoint)',
      ],
      'BondingVotes.BondingCheckpoint': [
        '0 bondedAmount: uint256',
        '1 delegateAddress: address',
        '2 delegatedAmount: uint256',
        '3 lastClaimRound: uint256',
        '4 lastRewardRound: uint256',
      ],
      'BondingVotes.TotalActiveStakeByRound': ['0 rounds: uint256[]', '1 data: mapping(uint256 => uint256)'],
    })
  })

  test('TicketBroker', () => {
    const { slots, structs } = layouts.TicketBroker!
    expect(slots).toEqual([
      ...proxied,
      '2 reserves: mapping(address => Reserves.Reserve)',
      '3 senders: mapping(address => ITicketBroker.Sender)',
      '4 unlockPeriod: uint256',
      '5 usedTickets: mapping(bytes32 => bool)',
      '6 ticketValidityPeriod: uint256',
    ])
    expect(structs).toEqual({
      'Reserves.Reserve': [
        '0 funds: uint256',
        '1 claimedForRound: mapping(uint256 => uint256)',
        '2 claimedByAddress: mapping(uint256 => mapping(address => uint256))',
      ],
      'ITicketBroker.Sender': ['0 deposit: uint256', '1 withdrawRound: uint256'],
    })
  })

  test.each(['RoundsManager', 'AdjustableRoundsManager'])('%s', (name) => {
    expect(layouts[name]!.slots.slice(0, 9)).toEqual([
      ...proxied,
      '2 roundLength: uint256',
      '3 roundLockAmount: uint256',
      '4 lastInitializedRound: uint256',
      '5 lastRoundLengthUpdateRound: uint256',
      '6 lastRoundLengthUpdateStartBlock: uint256',
      '7 _blockHashForRound: mapping(uint256 => bytes32)',
      '8 lipUpgradeRound: mapping(uint256 => uint256)',
    ])
  })

  test('Minter', () => {
    expect(layouts.Minter!.slots).toEqual([
      '0 controller: IController',
      '1 inflation: uint256',
      '2 inflationChange: uint256',
      '3 targetBondingRate: uint256',
      '4 currentMintableTokens: uint256',
      '5 currentMintedTokens: uint256',
    ])
  })

  test('ServiceRegistry', () => {
    expect(layouts.ServiceRegistry!.slots).toEqual([
      ...proxied,
      '2 records: mapping(address => ServiceRegistry.Record)',
    ])
  })
})

function readFolder(folder: string): Record<string, string> {
  const files = readdirSync(folder).sort()
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
}

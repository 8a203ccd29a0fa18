import { type Address, type Hex, parseAbi, parseEventLogs } from 'viem'
import { genesisAbi } from '../generated/abis.ts'
import { genesisBytecode } from '../generated/bytecode.ts'
import { type Deployer, openBatch } from '../transaction-batch.ts'
import { claimLeaf, merkleTree } from './merkle-tree.ts'
import { checkPlan, type GenesisPlan, genesisParts, genesisSupply, type VestingGrant } from './plan.ts'

/** What the first tokens need; the deployer must own the token. */
export type GenesisRun = Deployer & {
  readonly token: Address
  /** Who owns the token in the end, and may mint. */
  readonly tokenOwner: Address
  readonly plan: GenesisPlan
}

/** Where the first tokens are. */
export type GenesisResult = {
  readonly genesis: Address
  readonly claims: Address
  /** Root of the tree of the crowd's claims, in the order of the plan. */
  readonly root: Hex
  readonly vestings: readonly { readonly beneficiary: Address; readonly vesting: Address; readonly amount: bigint }[]
}

const ownableAbi = parseAbi(['function transferOwnership(address newOwner)'])

/** Mints and gives out the first supply to the last unit, then leaves the token to its owner. */
export async function runGenesis({ token, tokenOwner, plan, ...deployer }: GenesisRun): Promise<GenesisResult> {
  checkPlan(plan)
  const { root } = merkleTree(plan.crowd.map(claimLeaf))
  const batch = await openBatch(deployer)
  const supply = genesisParts.map((part) => genesisSupply[part])
  const genesis = batch.deploy('Genesis', genesisAbi, genesisBytecode, [token, tokenOwner, supply])
  batch.call('give the token to the genesis', token, ownableAbi, 'transferOwnership', [genesis])
  const fromBlock = await batch.send()

  const call = (step: string, functionName: string, args: readonly unknown[]) =>
    batch.call(step, genesis, genesisAbi, functionName, args)
  call('open the claims of the crowd', 'openClaims', [root])
  for (const part of ['company', 'community'] as const) {
    for (const { account, amount } of plan[part])
      call(`grant of ${part}`, 'grant', [genesisParts.indexOf(part), account, amount])
  }
  for (const part of ['team', 'investors'] as const) {
    for (const grant of plan[part])
      call(`vesting of ${part}`, 'grantVesting', [genesisParts.indexOf(part), ...vestingArguments(grant)])
  }
  await batch.send()
  call('finish the genesis', 'finish', [])
  await batch.send()

  const logs = await deployer.publicClient.getLogs({ address: genesis, fromBlock })
  const [opened] = parseEventLogs({ abi: genesisAbi, eventName: 'ClaimsOpened', logs })
  const vestings = parseEventLogs({ abi: genesisAbi, eventName: 'VestingGranted', logs })
  return {
    genesis,
    claims: opened!.args.claims,
    root,
    vestings: vestings.map(({ args: { beneficiary, vesting, amount } }) => ({ beneficiary, vesting, amount })),
  }
}

function vestingArguments({ account, amount, start, cliffSeconds, durationSeconds }: VestingGrant) {
  return [account, amount, start, cliffSeconds, durationSeconds] as const
}

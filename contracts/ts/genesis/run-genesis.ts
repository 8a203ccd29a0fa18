import { type Address, type Hex, parseEventLogs } from 'viem'
import { genesisAbi, livepeerTokenL1Abi } from '../generated/abis.ts'
import { genesisBytecode, livepeerTokenL1Bytecode } from '../generated/bytecode.ts'
import { type Deployer, openBatch } from '../transaction-batch.ts'
import { claimLeaf, merkleTree } from './merkle-tree.ts'
import { checkPlan, type GenesisPlan, genesisParts, genesisSupply, type VestingGrant } from './plan.ts'

/** What the first tokens need. */
export type GenesisRun = Deployer & {
  /** The deployer must own it; if left out a LivepeerTokenL1 is deployed. */
  readonly token?: Address
  /** Who owns the token in the end, and may mint. */
  readonly tokenOwner: Address
  readonly plan: GenesisPlan
}

/** Where the first tokens are. */
export type GenesisResult = {
  readonly token: Address
  readonly genesis: Address
  readonly claims: Address
  /** Root of the tree of the crowd's claims, in the order of the plan. */
  readonly root: Hex
  readonly vestings: readonly { readonly beneficiary: Address; readonly vesting: Address; readonly amount: bigint }[]
}

/** Mints and gives out the first supply to the last unit, then leaves the token to its owner. */
export async function runGenesis({ tokenOwner, plan, ...run }: GenesisRun): Promise<GenesisResult> {
  checkPlan(plan)
  const { root } = merkleTree(plan.crowd.map(claimLeaf))
  const batch = await openBatch(run)
  const token = run.token ?? batch.deploy('LivepeerTokenL1', livepeerTokenL1Abi, livepeerTokenL1Bytecode, [])
  // The calls below are estimated on the chain as it is, so the token must stand there by then.
  await batch.send()
  const supply = genesisParts.map((part) => genesisSupply[part])
  const genesis = batch.deploy('Genesis', genesisAbi, genesisBytecode, [token, tokenOwner, supply])
  batch.call('give the token to the genesis', token, livepeerTokenL1Abi, 'transferOwnership', [genesis])
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

  const logs = await run.publicClient.getLogs({ address: genesis, fromBlock })
  const [opened] = parseEventLogs({ abi: genesisAbi, eventName: 'ClaimsOpened', logs })
  const vestings = parseEventLogs({ abi: genesisAbi, eventName: 'VestingGranted', logs })
  return {
    token,
    genesis,
    claims: opened!.args.claims,
    root,
    vestings: vestings.map(({ args: { beneficiary, vesting, amount } }) => ({ beneficiary, vesting, amount })),
  }
}

function vestingArguments({ account, amount, start, cliffSeconds, durationSeconds }: VestingGrant) {
  return [account, amount, start, cliffSeconds, durationSeconds] as const
}

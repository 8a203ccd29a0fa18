import { type Address, type Client, type Hex, keccak256, numberToHex, pad, stringToHex, zeroAddress } from 'viem'
import { type ContractName, contractId } from './contract-ids.ts'
import {
  deployGovernance,
  type GovernanceOptions,
  giveGovernorTo,
  governanceRegistry,
  handOver,
  initializeGovernance,
} from './deploy/governance.ts'
import { addVerifier } from './deploy-verifier.ts'
import type { DisputeParameters } from './dispute-parameters.ts'
import * as abi from './generated/abis.ts'
import * as bytecode from './generated/bytecode.ts'
import type { NetworkParameters } from './parameters.ts'
import { type Deployer, openBatch } from './transaction-batch.ts'

export { aliasOf, installAliasedSender, installRetryables, retryablesAddress } from './arbitrum-stand-ins.ts'
export type { GovernanceOptions } from './deploy/governance.ts'
export {
  type BridgeAddresses,
  type BridgeOptions,
  deployBridge,
  type L1Addresses,
  type L2Addresses,
  type Messenger,
  startMigration,
} from './deploy-bridge.ts'
export {
  type DisputeParameters,
  deployVerifier,
  strictVerification,
  strictVerificationOnDevnet,
  type VerifierAddresses,
} from './deploy-verifier.ts'
export {
  arbitrumOne,
  devnet,
  type FaucetParameters,
  type GovernanceParameters,
  type NetworkParameters,
} from './parameters.ts'
export { DeployError, type Deployer } from './transaction-batch.ts'

/** An amount of LPT base units that an account has from the start. */
export type Allocation = { readonly account: Address; readonly amount: bigint }

/** What deployProtocol needs; the deployer owns the Controller and the token's roles afterwards, unless told otherwise. */
export type DeployOptions = Deployer & {
  readonly parameters: NetworkParameters
  /** Registered as Treasury; the deployer if left out. Not together with `governance`. */
  readonly treasury?: Address
  /** Deploys a treasury that stakers govern, and says who owns the protocol. */
  readonly governance?: GovernanceOptions
  /** Registered as L2Migrator; nothing is registered if left out. */
  readonly migrator?: Address
  /** LPT minted before the Minter alone may mint. */
  readonly allocations?: readonly Allocation[]
  /** `adjustable` lets tests set the block number and hash; `block` counts real blocks and is the default. */
  readonly rounds?: 'block' | 'adjustable'
  /** `bridged` takes the supply on layer 1 into account, see deployBridge; `standalone` has none and is the default. */
  readonly l2LPTDataCache?: 'standalone' | 'bridged'
  /** Registers a Verifier with these parameters, which turns slashing on. UNAUDITED; none if left out. */
  readonly verifier?: DisputeParameters
}

/** Code behind the proxies. */
export type TargetAddresses = {
  readonly ticketBroker: Address
  readonly bondingManager: Address
  readonly bondingVotes: Address
  readonly roundsManager: Address
  readonly serviceRegistry: Address
  /** Absent on networks without governance. */
  readonly livepeerGovernor?: Address
  /** Absent where nothing can be slashed. */
  readonly verifier?: Address
}

/** A network's contracts; proxied ones by the address of the proxy, which is the one to call. */
export type ProtocolAddresses = {
  readonly controller: Address
  readonly livepeerToken: Address
  readonly minter: Address
  readonly ticketBroker: Address
  readonly bondingManager: Address
  readonly bondingVotes: Address
  readonly roundsManager: Address
  readonly serviceRegistry: Address
  readonly l2LPTDataCache: Address
  readonly treasury: Address
  readonly merkleSnapshot: Address
  /** Not registered with the Controller; clients are told its address. */
  readonly pollCreator: Address
  /** Where orchestrators publish where they serve AI; not registered with the Controller either. */
  readonly aiServiceRegistry: Address
  /** By which stakers decide about the treasury; absent where the treasury is a given account. */
  readonly livepeerGovernor?: Address
  /** Owns the Controller where each change is to be announced. */
  readonly governor?: Address
  /** Absent on networks whose parameters have no faucet. */
  readonly livepeerTokenFaucet?: Address
  /** Absent where nothing can be slashed. */
  readonly verifier?: Address
  readonly targets: TargetAddresses
  /** Block of the first transaction; nothing of this network happened before it. */
  readonly deployedAtBlock: bigint
}

/** Where chains of the Arbitrum kind answer ArbSys calls. */
export const arbSysAddress: Address = '0x0000000000000000000000000000000000000064'

/** Puts an ArbSys stand-in on an anvil chain; the layer 2 height is the chain's height plus `blockOffset`. */
export async function installArbSys(
  client: Client,
  { blockOffset = 0n }: { blockOffset?: bigint } = {},
): Promise<void> {
  const call = (method: string, params: readonly Hex[]) =>
    client.request({ method: method as never, params: params as never })
  await call('anvil_setCode', [arbSysAddress, bytecode.arbSysStandInDeployedBytecode])
  await call('anvil_setStorageAt', [arbSysAddress, pad('0x0'), pad(numberToHex(blockOffset))])
}

/**
 * Deploys and connects all contracts and unpauses the system; throws DeployError if a transaction fails.
 * Transactions go out in batches, each waited for, so that gas can be estimated on chains that mine at intervals.
 */
export async function deployProtocol(options: DeployOptions): Promise<ProtocolAddresses> {
  const { parameters, migrator, allocations = [] } = options
  const deployer = options.walletClient.account.address
  if (options.treasury && options.governance)
    throw new TypeError('a network has either a given treasury or one that stakers govern')
  const batch = await openBatch(options)
  const adjustable = options.rounds === 'adjustable'

  const controller = batch.deploy('Controller', abi.controllerAbi, bytecode.controllerBytecode, [])
  const livepeerToken = batch.deploy('LivepeerToken', abi.livepeerTokenAbi, bytecode.livepeerTokenBytecode, [])
  const minter = batch.deploy('Minter', abi.minterAbi, bytecode.minterBytecode, [
    controller,
    parameters.inflation,
    parameters.inflationChange,
    parameters.targetBondingRate,
  ])
  const bridged = options.l2LPTDataCache === 'bridged'
  const cacheCode = bridged ? bytecode.l2LPTDataCacheBytecode : bytecode.standaloneL2LPTDataCacheBytecode
  const l2LPTDataCache = batch.deploy('L2LPTDataCache', abi.standaloneL2LPTDataCacheAbi, cacheCode, [])
  const faucet = parameters.faucet && {
    ...parameters.faucet,
    address: batch.deploy('LivepeerTokenFaucet', abi.livepeerTokenFaucetAbi, bytecode.livepeerTokenFaucetBytecode, [
      livepeerToken,
      parameters.faucet.requestAmount,
      parameters.faucet.requestWaitHours,
    ]),
  }

  const managed = (name: string, code: Hex) => batch.deploy(name, abi.managerAbi, code, [controller])
  const target = (name: string, code: Hex) => managed(`${name}Target`, code)
  const targets: TargetAddresses = {
    ticketBroker: target('TicketBroker', bytecode.ticketBrokerBytecode),
    bondingManager: target('BondingManager', bytecode.bondingManagerBytecode),
    bondingVotes: target('BondingVotes', bytecode.bondingVotesBytecode),
    roundsManager: target(
      'RoundsManager',
      adjustable ? bytecode.adjustableRoundsManagerBytecode : bytecode.roundsManagerBytecode,
    ),
    serviceRegistry: target('ServiceRegistry', bytecode.serviceRegistryBytecode),
  }

  const proxy = (name: ContractName, targetName: ContractName) =>
    batch.deploy(name, abi.managerProxyAbi, bytecode.managerProxyBytecode, [controller, contractId(targetName)])
  const proxies = {
    ticketBroker: proxy('TicketBroker', 'TicketBrokerTarget'),
    bondingManager: proxy('BondingManager', 'BondingManagerTarget'),
    bondingVotes: proxy('BondingVotes', 'BondingVotesTarget'),
    roundsManager: proxy('RoundsManager', 'RoundsManagerTarget'),
    serviceRegistry: proxy('ServiceRegistry', 'ServiceRegistryTarget'),
  }
  const merkleSnapshot = managed('MerkleSnapshot', bytecode.merkleSnapshotBytecode)
  const pollCreator = batch.deploy('PollCreator', abi.pollCreatorAbi, bytecode.pollCreatorBytecode, [
    proxies.bondingManager,
  ])
  const aiServiceRegistry = managed('AIServiceRegistry', bytecode.serviceRegistryBytecode)
  const governance = options.governance && deployGovernance(batch, controller, options.governance)
  const treasury = governance?.treasury ?? options.treasury ?? deployer
  const deployedAtBlock = await batch.send()

  const registry: readonly (readonly [ContractName, Address | undefined])[] = [
    ['LivepeerToken', livepeerToken],
    ['Minter', minter],
    ['TicketBrokerTarget', targets.ticketBroker],
    ['TicketBroker', proxies.ticketBroker],
    // The Minter knows who holds senders' ETH under this older name only.
    ['JobsManager', proxies.ticketBroker],
    ['BondingManagerTarget', targets.bondingManager],
    ['BondingManager', proxies.bondingManager],
    ['BondingVotesTarget', targets.bondingVotes],
    ['BondingVotes', proxies.bondingVotes],
    ['RoundsManagerTarget', targets.roundsManager],
    ['RoundsManager', proxies.roundsManager],
    ['ServiceRegistryTarget', targets.serviceRegistry],
    ['ServiceRegistry', proxies.serviceRegistry],
    ['L2LPTDataCache', l2LPTDataCache],
    ['Treasury', treasury],
    ['MerkleSnapshot', merkleSnapshot],
    ...(governance ? governanceRegistry(governance) : []),
    ['L2Migrator', migrator],
    ['LivepeerTokenFaucet', faucet?.address],
  ]
  for (const [name, address] of registry) {
    if (!address) continue
    const args = [contractId(name), address, noCommit] as const
    batch.call(`register ${name}`, controller, abi.controllerAbi, 'setContractInfo', args)
  }
  const { livepeerTokenAbi } = abi
  batch.call('grant the minter role', livepeerToken, livepeerTokenAbi, 'grantRole', [minterRole, minter])
  batch.call('take the minter role', livepeerToken, livepeerTokenAbi, 'grantRole', [minterRole, deployer])
  await batch.send()

  const mints = faucet ? [...allocations, { account: faucet.address, amount: faucet.stock }] : allocations
  for (const { account, amount } of mints) {
    batch.call(`mint to ${account}`, livepeerToken, livepeerTokenAbi, 'mint', [account, amount])
  }
  const bonding = (step: string, value: bigint) =>
    batch.call(step, proxies.bondingManager, abi.bondingManagerAbi, step, [value])
  bonding('setUnbondingPeriod', parameters.unbondingPeriod)
  bonding('setNumActiveTranscoders', parameters.numActiveTranscoders)
  bonding('setTreasuryRewardCutRate', parameters.treasuryRewardCutRate)
  bonding('setTreasuryBalanceCeiling', parameters.treasuryBalanceCeiling)
  const rounds = (step: string, value: bigint) =>
    batch.call(step, proxies.roundsManager, abi.roundsManagerAbi, step, [value])
  rounds('setRoundLength', parameters.roundLength)
  rounds('setRoundLockAmount', parameters.roundLockAmount)
  const broker = (step: string, value: bigint) =>
    batch.call(step, proxies.ticketBroker, abi.ticketBrokerAbi, step, [value])
  broker('setUnlockPeriod', parameters.unlockPeriod)
  broker('setTicketValidityPeriod', parameters.ticketValidityPeriod)
  await batch.send()

  batch.call('give up the minter role', livepeerToken, livepeerTokenAbi, 'renounceRole', [minterRole, deployer])
  batch.call('unpause', controller, abi.controllerAbi, 'unpause', [])
  if (governance) initializeGovernance(batch, governance, parameters.governance)
  await batch.send()

  const disputes = options.verifier && (await addVerifier(batch, { controller, parameters: options.verifier }))

  const owner =
    { deployer, governor: governance?.governor, treasury }[options.governance?.owner ?? 'deployer'] ?? deployer
  if (owner !== deployer) {
    const owned = faucet ? [faucet.address, controller] : [controller]
    handOver(batch, { owner, deployer, token: livepeerToken, owned })
    await batch.send()
  }
  const { governorOwner = deployer } = options.governance ?? {}
  if (governance?.governor && governorOwner !== deployer)
    await giveGovernorTo(batch, governance.governor, governorOwner)

  return {
    controller,
    livepeerToken,
    minter,
    ...proxies,
    l2LPTDataCache,
    treasury,
    merkleSnapshot,
    pollCreator,
    aiServiceRegistry,
    ...(governance ? { livepeerGovernor: governance.livepeerGovernor } : {}),
    ...(governance?.governor ? { governor: governance.governor } : {}),
    ...(faucet ? { livepeerTokenFaucet: faucet.address } : {}),
    ...(disputes ? { verifier: disputes.verifier } : {}),
    targets: {
      ...targets,
      ...(governance ? { livepeerGovernor: governance.livepeerGovernorTarget } : {}),
      ...(disputes ? { verifier: disputes.target } : {}),
    },
    deployedAtBlock,
  }
}

const minterRole = keccak256(stringToHex('MINTER_ROLE'))

/** The registry has room for the commit of a contract's source; a network made on the spot has none to name. */
const noCommit = zeroAddress

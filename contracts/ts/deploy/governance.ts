import { type Address, encodeFunctionData, zeroAddress, zeroHash } from 'viem'
import { type ContractName, contractId } from '../contract-ids.ts'
import * as abi from '../generated/abis.ts'
import * as bytecode from '../generated/bytecode.ts'
import type { GovernanceParameters } from '../parameters.ts'
import type { Batch } from '../transaction-batch.ts'

/** How a network that governs its own treasury is owned. */
export type GovernanceOptions = {
  /**
   * Who may change the protocol in the end: the `deployer` (the default), a new `governor` that announces each
   * change, or the `treasury`, which leaves everything to the votes of stakers.
   */
  readonly owner?: 'deployer' | 'governor' | 'treasury'
  /** Who stages changes with the governor, e.g. a multisig; the deployer if left out. */
  readonly governorOwner?: Address
}

/** The contracts by which a network governs itself. */
export type GovernanceAddresses = {
  readonly treasury: Address
  readonly livepeerGovernor: Address
  readonly livepeerGovernorTarget: Address
  /** The Governor that owns the Controller, where there is one. */
  readonly governor?: Address
}

/** Creates the treasury, the governor of stakers and, if it is to own the protocol, the Governor. */
export function deployGovernance(
  batch: Batch,
  controller: Address,
  { owner = 'deployer' }: GovernanceOptions,
): GovernanceAddresses {
  const treasury = batch.deploy('Treasury', abi.treasuryAbi, bytecode.treasuryBytecode, [])
  const { livepeerGovernorAbi, managerProxyAbi } = abi
  const target = batch.deploy('LivepeerGovernorTarget', livepeerGovernorAbi, bytecode.livepeerGovernorBytecode, [
    controller,
  ])
  const livepeerGovernor = batch.deploy('LivepeerGovernor', managerProxyAbi, bytecode.managerProxyBytecode, [
    controller,
    contractId('LivepeerGovernorTarget'),
  ])
  const governor = owner === 'governor' && batch.deploy('Governor', abi.governorAbi, bytecode.governorBytecode, [])
  return { treasury, livepeerGovernor, livepeerGovernorTarget: target, ...(governor ? { governor } : {}) }
}

/** What of governance is registered with the Controller, the treasury aside. */
export function governanceRegistry(governance: GovernanceAddresses): readonly (readonly [ContractName, Address])[] {
  return [
    ['LivepeerGovernorTarget', governance.livepeerGovernorTarget],
    ['LivepeerGovernor', governance.livepeerGovernor],
  ]
}

/**
 * Sets rules and roles. The rounds must have a length already: the governor's clock would count blocks without one.
 * The governor alone gets roles of the treasury, so that nobody has to give one up afterwards.
 */
export function initializeGovernance(
  batch: Batch,
  { treasury, livepeerGovernor }: GovernanceAddresses,
  { votingDelay, votingPeriod, proposalThreshold, quorum, quota }: GovernanceParameters,
): void {
  const governors = [livepeerGovernor]
  batch.call('initialize the treasury', treasury, abi.treasuryAbi, 'initialize', [
    treasuryMinDelay,
    governors,
    governors,
    zeroAddress,
  ])
  batch.call('initialize the governor', livepeerGovernor, abi.livepeerGovernorAbi, 'initialize', [
    votingDelay,
    votingPeriod,
    proposalThreshold,
    quorum,
    quota,
  ])
}

/** Leaves the protocol, the token's roles and the faucet to their owner; the deployer keeps nothing. */
export function handOver(
  batch: Batch,
  { owner, deployer, token, owned }: { owner: Address; deployer: Address; token: Address; owned: readonly Address[] },
): void {
  const { livepeerTokenAbi } = abi
  batch.call("hand over the token's roles", token, livepeerTokenAbi, 'grantRole', [tokenAdminRole, owner])
  batch.call("give up the token's roles", token, livepeerTokenAbi, 'renounceRole', [tokenAdminRole, deployer])
  // The Controller and the faucet are owned in the same way.
  for (const contract of owned)
    batch.call(`hand ${contract} over`, contract, abi.controllerAbi, 'transferOwnership', [owner])
}

/** Gives a Governor to another owner, which needs a change of its own: first announced, then made. */
export async function giveGovernorTo(batch: Batch, governor: Address, newOwner: Address): Promise<void> {
  const data = encodeFunctionData({ abi: abi.governorAbi, functionName: 'transferOwnership', args: [newOwner] })
  const update = { target: [governor], value: [0n], data: [data], nonce: 0n }
  batch.call('announce the owner of the governor', governor, abi.governorAbi, 'stage', [update, 0n])
  await batch.send()
  batch.call('give the governor to its owner', governor, abi.governorAbi, 'execute', [update])
  await batch.send()
}

/** Seconds between queueing and executing, as on the live network: the vote is the delay. */
const treasuryMinDelay = 0n

/** The role that grants and takes all roles of the token. */
const tokenAdminRole = zeroHash

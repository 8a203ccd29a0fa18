import { type Address, keccak256, maxUint256, stringToHex, zeroAddress } from 'viem'
import { installRetryables } from './arbitrum-stand-ins.ts'
import { type ContractName, contractId } from './contract-ids.ts'
import { type Allocation, deployProtocol, installArbSys, type ProtocolAddresses } from './deploy.ts'
import * as abi from './generated/abis.ts'
import * as bytecode from './generated/bytecode.ts'
import type { NetworkParameters } from './parameters.ts'
import { type Batch, type Deployer, openBatch } from './transaction-batch.ts'

/** What carries messages between the two chains. */
export type Messenger =
  /** Stand-ins are deployed, and this account relays; layer 2 must be a node with anvil_setCode. */
  | { readonly relayer: Address; readonly challengePeriodSeconds: bigint }
  /** The chains are Ethereum and one of Arbitrum's. */
  | { readonly inbox: Address; readonly l1Router: Address; readonly l2Router: Address }

/** What deployBridge needs; the deployers administer everything on their chain afterwards. */
export type BridgeOptions = {
  readonly l1: Deployer
  readonly l2: Deployer
  /** Of both protocols, the one on layer 2 and its predecessor on layer 1, which has no faucet. */
  readonly parameters: NetworkParameters
  readonly messenger: Messenger
  /** Registered as Treasury on layer 2; the deployer if left out. */
  readonly treasury?: Address
  /** LPT minted on layer 1 before the BridgeMinter alone may mint. */
  readonly l1Allocations?: readonly Allocation[]
  /** LPT minted on layer 2 beside the bridge, for networks whose stake does not come from layer 1. */
  readonly l2Allocations?: readonly Allocation[]
}

/** Layer 1: the bridge's end, and the protocol as it was before it moved. */
export type L1Addresses = {
  /** The protocol before the move; its token is `livepeerToken` below. */
  readonly protocol: ProtocolAddresses
  readonly livepeerToken: Address
  readonly bridgeMinter: Address
  readonly l1Escrow: Address
  readonly l1LPTGateway: Address
  readonly l1LPTDataCache: Address
  readonly l1Migrator: Address
  readonly inbox: Address
  /** Stand-ins; absent where Arbitrum's own are used. */
  readonly bridge?: Address
  readonly outbox?: Address
}

/** Layer 2: the protocol and its end of the bridge. */
export type L2Addresses = {
  readonly protocol: ProtocolAddresses
  readonly l2LPTGateway: Address
  readonly l2Migrator: Address
  readonly delegatorPool: Address
}

export type BridgeAddresses = { readonly l1: L1Addresses; readonly l2: L2Addresses }

/**
 * Deploys the protocol on two chains with the LPT bridge between them, and opens it for transfers; throws DeployError
 * if a transaction fails. Migration of stake stays paused, see startMigration.
 */
export async function deployBridge(options: BridgeOptions): Promise<BridgeAddresses> {
  const { parameters, messenger, treasury, l1Allocations = [], l2Allocations = [] } = options
  const { faucet: _, ...l1Parameters } = parameters
  const [l1Protocol, l2Protocol] = await Promise.all([
    deployProtocol({ ...options.l1, parameters: l1Parameters }),
    deployProtocol({
      ...options.l2,
      parameters,
      l2LPTDataCache: 'bridged',
      allocations: l2Allocations,
      ...(treasury ? { treasury } : {}),
    }),
  ])
  const l1 = { batch: await openBatch(options.l1), deployer: options.l1.walletClient.account.address }
  const l2 = { batch: await openBatch(options.l2), deployer: options.l2.walletClient.account.address }

  const arbitrum = 'inbox' in messenger ? messenger : deployStandIns(l1.batch, messenger)
  if (!('inbox' in messenger)) {
    await installArbSys(options.l2.publicClient)
    await installRetryables(options.l2.publicClient, { relayer: messenger.relayer })
  }

  const livepeerToken = l1.batch.deploy('LivepeerTokenL1', abi.livepeerTokenL1Abi, bytecode.livepeerTokenL1Bytecode, [])
  const l1Escrow = l1.batch.deploy('L1Escrow', abi.l1EscrowAbi, bytecode.l1EscrowBytecode, [])
  const l1LPTGateway = l1.batch.deploy('L1LPTGateway', abi.l1LPTGatewayAbi, bytecode.l1LPTGatewayBytecode, [
    arbitrum.l1Router,
    l1Escrow,
    livepeerToken,
    l2Protocol.livepeerToken,
    arbitrum.inbox,
  ])

  const l2LPTGateway = l2.batch.deploy('L2LPTGateway', abi.l2LPTGatewayAbi, bytecode.l2LPTGatewayBytecode, [
    arbitrum.l2Router,
    livepeerToken,
    l2Protocol.livepeerToken,
    l2Protocol.l2LPTDataCache,
  ])
  const delegatorPool = l2.batch.deploy('DelegatorPool', abi.delegatorPoolAbi, bytecode.delegatorPoolBytecode, [])
  const { controller } = l2Protocol
  const migratorCode = bytecode.l2MigratorBytecode
  const migratorTarget = l2.batch.deploy('L2MigratorTarget', abi.l2MigratorAbi, migratorCode, [controller])
  const l2Migrator = l2.batch.deploy('L2Migrator', abi.managerProxyAbi, bytecode.managerProxyBytecode, [
    controller,
    contractId('L2MigratorTarget'),
  ])

  const l1Migrator = l1.batch.deploy('L1Migrator', abi.l1MigratorAbi, bytecode.l1MigratorBytecode, [
    arbitrum.inbox,
    l1Protocol.bondingManager,
    l1Protocol.ticketBroker,
    livepeerToken,
    l1LPTGateway,
    l2Migrator,
  ])
  const bridgeMinter = l1.batch.deploy('BridgeMinter', abi.bridgeMinterAbi, bytecode.bridgeMinterBytecode, [
    l1Protocol.controller,
    l1Migrator,
    l1LPTGateway,
  ])
  const l1LPTDataCache = l1.batch.deploy('L1LPTDataCache', abi.l1LPTDataCacheAbi, bytecode.l1LPTDataCacheBytecode, [
    arbitrum.inbox,
    livepeerToken,
    l2Protocol.l2LPTDataCache,
  ])
  await Promise.all([l1.batch.send(), l2.batch.send()])

  const { batch: on1 } = l1
  if (!('inbox' in messenger)) connectStandIns(on1, arbitrum)
  register(on1, l1Protocol.controller, 'LivepeerToken', livepeerToken)
  on1.call('approve', l1Escrow, abi.l1EscrowAbi, 'approve', [livepeerToken, l1LPTGateway, maxUint256])
  on1.call('setCounterpart', l1LPTGateway, abi.l1LPTGatewayAbi, 'setCounterpart', [l2LPTGateway])
  on1.call('setMinter', l1LPTGateway, abi.l1LPTGatewayAbi, 'setMinter', [bridgeMinter])
  on1.call('setBridgeMinter', l1Migrator, abi.l1MigratorAbi, 'setBridgeMinter', [bridgeMinter])
  for (const { account, amount } of l1Allocations)
    on1.call(`mint to ${account}`, livepeerToken, abi.livepeerTokenL1Abi, 'mint', [account, amount])

  const { batch: on2 } = l2
  const cache = l2Protocol.l2LPTDataCache
  on2.call('setCounterpart', l2LPTGateway, abi.l2LPTGatewayAbi, 'setCounterpart', [l1LPTGateway])
  on2.call('setL1LPTDataCache', cache, abi.l2LPTDataCacheAbi, 'setL1LPTDataCache', [l1LPTDataCache])
  on2.call('setL2LPTGateway', cache, abi.l2LPTDataCacheAbi, 'setL2LPTGateway', [l2LPTGateway])
  for (const role of ['MINTER_ROLE', 'BURNER_ROLE']) {
    const args = [keccak256(stringToHex(role)), l2LPTGateway]
    on2.call(`grant ${role}`, l2Protocol.livepeerToken, abi.livepeerTokenAbi, 'grantRole', args)
  }
  register(on2, controller, 'L2MigratorTarget', migratorTarget)
  register(on2, controller, 'L2Migrator', l2Migrator)
  await Promise.all([on1.send(), on2.send()])

  // The proxy has no code to run before its target is registered, so this could not be estimated together with it.
  on2.call('initialize', l2Migrator, abi.l2MigratorAbi, 'initialize', [l1Migrator, delegatorPool])
  on2.call('unpause', l2LPTGateway, abi.l2LPTGatewayAbi, 'unpause', [])
  on1.call('hand the token over', livepeerToken, abi.livepeerTokenL1Abi, 'transferOwnership', [bridgeMinter])
  on1.call('unpause', l1LPTGateway, abi.l1LPTGatewayAbi, 'unpause', [])
  await Promise.all([on1.send(), on2.send()])

  const { l1Router: _r1, l2Router: _r2, ...messaging } = arbitrum
  return {
    l1: {
      protocol: { ...l1Protocol, livepeerToken },
      livepeerToken,
      bridgeMinter,
      l1Escrow,
      l1LPTGateway,
      l1LPTDataCache,
      l1Migrator,
      ...messaging,
    },
    l2: { protocol: l2Protocol, l2LPTGateway, l2Migrator, delegatorPool },
  }
}

/** Ends the protocol on layer 1: pauses it, moves its Minter's funds to the BridgeMinter and opens the L1Migrator. */
export async function startMigration(l1: Deployer, addresses: L1Addresses): Promise<void> {
  const { protocol, bridgeMinter, l1Migrator } = addresses
  const batch = await openBatch(l1)
  batch.call('pause', protocol.controller, abi.controllerAbi, 'pause', [])
  batch.call('migrateToNewMinter', protocol.minter, abi.minterAbi, 'migrateToNewMinter', [bridgeMinter])
  batch.call('unpause', l1Migrator, abi.l1MigratorAbi, 'unpause', [])
  await batch.send()
  register(batch, protocol.controller, 'Minter', bridgeMinter)
  await batch.send()
}

type StandIns = { inbox: Address; bridge: Address; outbox: Address; l1Router: Address; l2Router: Address }

function deployStandIns(
  batch: Batch,
  { relayer, challengePeriodSeconds }: { relayer: Address; challengePeriodSeconds: bigint },
): StandIns {
  const bridge = batch.deploy('Bridge', abi.bridgeStandInAbi, bytecode.bridgeStandInBytecode, [])
  const inbox = batch.deploy('Inbox', abi.inboxStandInAbi, bytecode.inboxStandInBytecode, [bridge])
  const args = [bridge, relayer, challengePeriodSeconds]
  const outbox = batch.deploy('Outbox', abi.outboxStandInAbi, bytecode.outboxStandInBytecode, args)
  // Development chains have no routers; everybody transfers through the gateways directly.
  return { bridge, inbox, outbox, l1Router: zeroAddress, l2Router: zeroAddress }
}

function connectStandIns(batch: Batch, standIns: { inbox: Address; bridge?: Address; outbox?: Address }): void {
  const { bridge, inbox, outbox } = standIns
  batch.call('setInbox', bridge!, abi.bridgeStandInAbi, 'setInbox', [inbox, true])
  batch.call('setOutbox', bridge!, abi.bridgeStandInAbi, 'setOutbox', [outbox, true])
}

function register(batch: Batch, controller: Address, name: ContractName, address: Address): void {
  const args = [contractId(name), address, zeroAddress]
  batch.call(`register ${name}`, controller, abi.controllerAbi, 'setContractInfo', args)
}

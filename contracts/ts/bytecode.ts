export { adjustableRoundsManagerBytecode } from './generated/adjustable-rounds-manager.bytecode.ts'
export { arbSysStandInBytecode, arbSysStandInDeployedBytecode } from './generated/arb-sys-stand-in.bytecode.ts'
export { bondingManagerBytecode } from './generated/bonding-manager.bytecode.ts'
export { bondingVotesBytecode } from './generated/bonding-votes.bytecode.ts'
export { controllerBytecode } from './generated/controller.bytecode.ts'
export { livepeerTokenBytecode } from './generated/livepeer-token.bytecode.ts'
export { livepeerTokenFaucetBytecode } from './generated/livepeer-token-faucet.bytecode.ts'
export { managerProxyBytecode } from './generated/manager-proxy.bytecode.ts'
export { minterBytecode } from './generated/minter.bytecode.ts'
export { roundsManagerBytecode } from './generated/rounds-manager.bytecode.ts'
export { serviceRegistryBytecode } from './generated/service-registry.bytecode.ts'
export {
  standaloneL2LPTDataCacheBytecode,
  standaloneL2LPTDataCacheDeployedBytecode,
} from './generated/standalone-l2-lpt-data-cache.bytecode.ts'
export { ticketBrokerBytecode } from './generated/ticket-broker.bytecode.ts'

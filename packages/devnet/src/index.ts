export { BridgeError, type BridgeErrorCode } from './bridge/errors.ts'
export { ChainPair, formatPair, PAIR_ACCOUNTS, PAIR_CHAIN_IDS, type StartPairOptions } from './bridge/pair.ts'
export { BridgeRelayer, type BridgeRelayerOptions, type Relayed } from './bridge/relayer.ts'
export { EmbeddedChain, type EmbeddedChainOptions, findAnvil } from './embedded-chain.ts'
export { freeNetworkPorts, freePortOffset } from './free-ports.ts'
export { DEVNET_ACCOUNTS, type DevnetAccount, devnetKey, devnetKeyHex, GENESIS } from './genesis/accounts.ts'
export { devnetAddress } from './genesis/addresses.ts'
export { buildGenesis } from './genesis/build-genesis.ts'
export { preparedGenesis, preparedNetwork } from './genesis/prepared-genesis.ts'
export {
  Network,
  type SecurePage,
  type StartNetworkDeps,
  type StartNetworkOptions,
  type StartTimes,
} from './network.ts'
export { DEFAULT_PORTS, DEVNET_PASSWORD, type NetworkPorts, type PlannedNode } from './network-plan.ts'

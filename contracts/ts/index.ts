export {
  adjustableRoundsManagerAbi,
  arbSysStandInAbi,
  bondingManagerAbi,
  bondingVotesAbi,
  controllerAbi,
  livepeerTokenAbi,
  livepeerTokenFaucetAbi,
  managerProxyAbi,
  minterAbi,
  roundsManagerAbi,
  serviceRegistryAbi,
  standaloneL2LPTDataCacheAbi,
  ticketBrokerAbi,
} from './abis.ts'
export { type ContractName, contractId, contractIds } from './contract-ids.ts'
export { arbitrumOne, devnet, type FaucetParameters, type NetworkParameters } from './parameters.ts'

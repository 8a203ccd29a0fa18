export { type ContractName, contractId, contractIds } from './contract-ids.ts'
export * from './generated/abis.ts'
export {
  arbitrumOne,
  devnet,
  type FaucetParameters,
  type GovernanceParameters,
  type NetworkParameters,
} from './parameters.ts'

export { type Claim, claimLeaf, type MerkleTree, merkleTree } from './merkle-tree.ts'
export {
  checkPlan,
  type GenesisPart,
  type GenesisPlan,
  GenesisPlanError,
  genesisParts,
  genesisSupply,
  parsePlan,
  type VestingGrant,
} from './plan.ts'
export { type GenesisResult, type GenesisRun, runGenesis } from './run-genesis.ts'

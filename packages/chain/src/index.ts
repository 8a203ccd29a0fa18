export { refuseTestKey } from './accounts/test-keys.ts'
export {
  type ChainClient,
  type ConnectOptions,
  connectChain,
  getHead,
  type Head,
  type NetworkAddresses,
  readAddresses,
} from './client.ts'
export * as accessControl from './contracts/access-control.ts'
export * as aiServiceRegistry from './contracts/ai-service-registry.ts'
export { type BatchCall, BatchReader, type BatchResult, MULTICALL3 } from './contracts/batch-reader.ts'
export * as bondingManager from './contracts/bonding-manager.ts'
export {
  bond,
  getOrchestrator,
  getPool,
  isActive,
  type Orchestrator,
  pendingFees,
  pendingStake,
  poolSize,
  reward,
  rewardAmount,
  setCuts,
  totalBonded,
} from './contracts/bonding-manager.ts'
export * as bondingVotes from './contracts/bonding-votes.ts'
export * as bridgeMinter from './contracts/bridge-minter.ts'
export type { Call } from './contracts/contract.ts'
export * as controller from './contracts/controller.ts'
export * as delegatorPool from './contracts/delegator-pool.ts'
export * as governor from './contracts/governor.ts'
export * as l1Escrow from './contracts/l1-escrow.ts'
export * as l1LptDataCache from './contracts/l1-lpt-data-cache.ts'
export * as l1LptGateway from './contracts/l1-lpt-gateway.ts'
export * as l1Migrator from './contracts/l1-migrator.ts'
export * as l2LptDataCache from './contracts/l2-lpt-data-cache.ts'
export * as l2LptGateway from './contracts/l2-lpt-gateway.ts'
export * as l2Migrator from './contracts/l2-migrator.ts'
export * as livepeerGovernor from './contracts/livepeer-governor.ts'
export * as livepeerToken from './contracts/livepeer-token.ts'
export { approve, balanceOf, totalSupply } from './contracts/livepeer-token.ts'
export * as livepeerTokenFaucet from './contracts/livepeer-token-faucet.ts'
export * as livepeerTokenL1 from './contracts/livepeer-token-l1.ts'
export * as manager from './contracts/manager.ts'
export * as merkleSnapshot from './contracts/merkle-snapshot.ts'
export * as minter from './contracts/minter.ts'
export { inflation } from './contracts/minter.ts'
export * as poll from './contracts/poll.ts'
export {
  bondHints,
  type Hint,
  joinHint,
  NO_HINT,
  type Pool,
  type PoolMember,
  poolHints,
  readPool,
  rebondHint,
  rewardHint,
  transferBondHints,
  unbondHint,
} from './contracts/pool-hints.ts'
export { getPriceFeed, type PriceFeed, weiPer } from './contracts/price-feed.ts'
export type { At } from './contracts/read.ts'
export { type MessageCost, messageValue } from './contracts/retryable-message.ts'
export * as roundsManager from './contracts/rounds-manager.ts'
export { blockHashForRound, initializeRound, type RoundState, roundState } from './contracts/rounds-manager.ts'
export * as serviceRegistry from './contracts/service-registry.ts'
export { getServiceUri, setServiceUri } from './contracts/service-registry.ts'
export * as ticketBroker from './contracts/ticket-broker.ts'
export {
  type AbiTicket,
  claimedReserve,
  fundDepositAndReserve,
  getSenderInfo,
  isUsedTicket,
  paidByRedemption,
  redeemWinningTicket,
  type SenderInfo,
} from './contracts/ticket-broker.ts'
export * as treasury from './contracts/treasury.ts'
export * as verifier from './contracts/verifier.ts'
export {
  type Ballot,
  type Dispute,
  type DisputeEvidence,
  type DisputeOutcome,
  disputeBalance,
  disputeCount,
  dissolveDispute,
  findVerifier,
  getBallot,
  getDispute,
  getDisputeEvidence,
  seatsOf,
  settleJuror,
  type Verdict,
  type Verifier,
} from './contracts/verifier.ts'
export { DisputeDuties, type DisputeDutiesDeps, type Judge } from './disputes/dispute-duties.ts'
export * from './economics/index.ts'
export { ChainError, type ChainErrorCode, chainError } from './errors.ts'
export {
  lastChoices,
  type PollChoice,
  type PollRules,
  type PollTally,
  type PollVoter,
  tallyPoll,
} from './governance/poll-tally.ts'
export { type Poll, type PollSource, readPolls, readPollTally } from './governance/read-poll.ts'
export { arbitrumOne, DEVNET_CHAIN_ID, ethereumMainnet, type Network } from './networks/networks.ts'
export { decodeRevert, type Revert, revertText } from './revert.ts'
export { RpcPool, type RpcPoolOptions, type RpcState } from './rpc/rpc-pool.ts'
export { parseRpcUrls } from './rpc/rpc-urls.ts'
export {
  type SendOptions,
  type TxCall,
  type TxResult,
  TxSender,
  type TxSenderOptions,
} from './transactions/tx-sender.ts'
export { transactionState } from './transactions/wait-for-receipt.ts'
export { BlockFeed, type BlockListener, type BlockNews, type ProtocolLog } from './watchers/block-feed.ts'
export { ContractWatcher, type MovedContract } from './watchers/contract-watcher.ts'
export { type EventNotice, type WatchedEvent, type WatchOptions, watchEvents } from './watchers/event-stream.ts'
export { GasPriceWatcher } from './watchers/gas-price-watcher.ts'
export { type KnownOrchestrator, OrchestratorWatcher } from './watchers/orchestrator-watcher.ts'
export { PriceFeedWatcher, type PriceFeedWatcherOptions } from './watchers/price-feed-watcher.ts'
export { RoundWatcher } from './watchers/round-watcher.ts'
export { SenderWatcher } from './watchers/sender-watcher.ts'

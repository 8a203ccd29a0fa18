import { formatLpt, formatWei } from '@millrace/wire'
import type { OperatorClient } from './operator-client.ts'
import { ORCHESTRATOR_PORT, type Outcome, operatorCommand } from './operator-command.ts'
import { big } from './read-values.ts'
import type { UnbondingLock } from './unbonding-locks.ts'

type NodeStatus = {
  readonly Version: string
  readonly StreamInfo: Readonly<Record<string, { readonly SourceBytes: number; readonly TranscodedBytes: number }>>
  readonly OrchestratorPool: readonly string[]
  readonly RegisteredTranscodersNumber: number
  readonly BroadcasterPrices: Readonly<Record<string, string>>
}
type Health = { readonly ok: boolean; readonly problems: readonly { readonly message: string }[] }

/** `millrace status`: what a node is, does and owns. */
export const status = operatorCommand({
  name: 'status',
  description: 'Tell what a node is, does and owns',
  port: ORCHESTRATOR_PORT,
  plan: async ({ client }) => ({ will: [], run: () => tellStatus(client) }),
})

async function tellStatus(client: OperatorClient): Promise<Outcome> {
  const node = await client.json<NodeStatus>('/status')
  const health = await client.health<Health>()
  const isOrchestrator = (await client.text('/IsOrchestrator')).trim() === 'true'
  const chainId = Number(await client.integer('/EthChainID'))
  const onChain = chainId === 0 ? undefined : await chainStatus(client, isOrchestrator)
  const streams = Object.keys(node.StreamInfo)
  const lines = [
    `${isOrchestrator ? 'orchestrator' : 'node'}, version ${node.Version}`,
    health.ok ? 'ready' : `NOT READY: ${health.problems.map(({ message }) => message).join('; ')}`,
    ...(isOrchestrator
      ? [
          `${node.RegisteredTranscodersNumber} workers`,
          ...Object.entries(node.BroadcasterPrices).map(([who, wei]) => `price, ${who}: ${wei} wei per pixel`),
        ]
      : [`${node.OrchestratorPool.length} orchestrators known, ${streams.length} streams live`]),
    ...(onChain?.lines ?? ['without a chain']),
  ]
  return { lines, facts: { ...node, health, isOrchestrator, chainId, ...onChain?.facts } }
}

type DelegatorInfo = {
  readonly DelegateAddress: string
  readonly PendingStake: number | bigint
  readonly PendingFees: number | bigint
}
type SenderInfo = {
  readonly Deposit: number | bigint
  readonly WithdrawRound: number | bigint
  readonly Reserve: { readonly FundsRemaining: number | bigint }
}

async function chainStatus(client: OperatorClient, isOrchestrator: boolean): Promise<Outcome> {
  const [address, ether, lpt, round, delegator, locks, sender] = await Promise.all([
    client.text('/ethAddr'),
    client.integer('/ethBalance'),
    client.integer('/tokenBalance'),
    client.integer('/currentRound'),
    client.json<DelegatorInfo>('/delegatorInfo'),
    client.json<readonly UnbondingLock[]>('/unbondingLocks'),
    client.json<SenderInfo>('/senderInfo'),
  ])
  const facts = { address, etherWei: ether, lpt, round, delegator, unbondingLocks: locks, sender }
  const stake = big(delegator.PendingStake)
  return {
    lines: [
      `account ${address}: ${formatWei(ether)}, ${formatLpt(lpt)}`,
      `round ${round}`,
      ...(stake > 0n
        ? [`${formatLpt(stake)} bonded to ${delegator.DelegateAddress}, fees ${formatWei(big(delegator.PendingFees))}`]
        : []),
      ...locks.map(
        ({ ID, Amount, WithdrawRound }) =>
          `lock ${ID}: ${formatLpt(big(Amount))}, ${whenOf(BigInt(WithdrawRound), round)}`,
      ),
      ...(isOrchestrator ? [] : depositLines(sender, round)),
    ],
    facts,
  }
}

function depositLines(sender: SenderInfo, round: bigint): readonly string[] {
  const unlocks = big(sender.WithdrawRound)
  const funds = `deposit ${formatWei(big(sender.Deposit))}, reserve ${formatWei(big(sender.Reserve.FundsRemaining))}`
  return [unlocks > 0n ? `${funds}; unlocking, ${whenOf(unlocks, round)}` : funds]
}

const whenOf = (withdrawRound: bigint, round: bigint): string =>
  round >= withdrawRound ? 'can be withdrawn now' : `can be withdrawn from round ${withdrawRound} on`

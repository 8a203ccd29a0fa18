import { formatLpt, formatPerc6, formatWei, type NetworkView } from '@millrace/wire'
import { formatCount } from '../format/numbers.ts'
import { Value } from './figure.tsx'
import { NodeState } from './node-state.tsx'
import { type OrchestratorRow, orchestratorRows, ownRedeemers } from './orchestrator-rows.ts'

/** Each orchestrator with its stake, terms and earnings. */
export function OrchestratorTable({ view }: { readonly view: NetworkView }) {
  const rows = orchestratorRows(view)
  const paying = view.chain !== undefined
  const redeems = ownRedeemers(view).length === 0
  return (
    <div className="table-frame">
      <table>
        <thead>
          <tr>
            <th scope="col">Orchestrator</th>
            <th scope="col">Segments</th>
            {paying && (
              <>
                <th scope="col">Stake</th>
                <th scope="col">Reward cut</th>
                <th scope="col">Fees earned</th>
                <th scope="col">Fees on chain</th>
                {redeems && <th scope="col">Tickets won</th>}
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Orchestrator key={row.id} row={row} paying={paying} redeems={redeems} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

type OrchestratorProps = {
  readonly row: OrchestratorRow
  readonly paying: boolean
  /** Whether orchestrators have their tickets paid out themselves. */
  readonly redeems: boolean
}

function Orchestrator({ row, paying, redeems }: OrchestratorProps) {
  const { id, node, onChain } = row
  const figure = (name: string, value: bigint | number | string, text: string) => (
    <td>
      <Value name={`${name}:${id}`} value={value} text={text} />
    </td>
  )
  return (
    <tr className={node?.up === false ? 'down' : undefined}>
      <th scope="row">
        {row.name}
        <NodeState node={node} active={onChain?.active} />
      </th>
      {figure('orchestrator-segments', node?.segments ?? 0, formatCount(node?.segments ?? 0))}
      {paying && (
        <>
          {figure('orchestrator-stake-lpt', row.stakeLpt, formatLpt(row.stakeLpt))}
          {figure(
            'orchestrator-reward-cut',
            onChain?.rewardCutPerc6 ?? '',
            onChain ? formatPerc6(BigInt(onChain.rewardCutPerc6)) : '–',
          )}
          {figure('orchestrator-fees-wei', node?.feesWei ?? 0n, formatWei(node?.feesWei ?? 0n))}
          {figure(
            'orchestrator-pending-fees-wei',
            onChain?.pendingFeesWei ?? '',
            onChain ? formatWei(BigInt(onChain.pendingFeesWei)) : '–',
          )}
          {redeems && figure('orchestrator-tickets-won', node?.ticketsWon ?? 0, formatCount(node?.ticketsWon ?? 0))}
        </>
      )}
    </tr>
  )
}

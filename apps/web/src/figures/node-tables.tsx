import type { NetworkView, NodeView } from '@millrace/wire'
import { formatLpt, formatPerc6, formatWei } from '../format/amounts.ts'
import { formatCount } from '../format/numbers.ts'
import { Value } from './figure.tsx'
import { type OrchestratorRow, orchestratorRows } from './orchestrator-rows.ts'

/** Each orchestrator with its stake, terms and earnings. */
export function OrchestratorTable({ view }: { readonly view: NetworkView }) {
  const rows = orchestratorRows(view)
  const paying = view.chain !== undefined
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
                <th scope="col">Tickets won</th>
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Orchestrator key={row.id} row={row} paying={paying} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Orchestrator({ row, paying }: { readonly row: OrchestratorRow; readonly paying: boolean }) {
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
        <State node={node} active={onChain?.active} />
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
          {figure('orchestrator-tickets-won', node?.ticketsWon ?? 0, formatCount(node?.ticketsWon ?? 0))}
        </>
      )}
    </tr>
  )
}

/** Each worker with what it does. */
export function WorkerTable({ view }: { readonly view: NetworkView }) {
  const workers = Object.values(view.nodes)
    .filter((node) => node.roles.includes('worker'))
    .toSorted(byName)
  return (
    <div className="table-frame">
      <table>
        <thead>
          <tr>
            <th scope="col">Worker</th>
            <th scope="col">Segments</th>
            <th scope="col">Under way</th>
            <th scope="col">Works for</th>
            <th scope="col">Media engine</th>
          </tr>
        </thead>
        <tbody>
          {workers.map((node) => (
            <tr key={node.nodeId} className={node.up ? undefined : 'down'}>
              <th scope="row">
                {node.name}
                <State node={node} active={undefined} />
              </th>
              <td>
                <Value
                  name={`worker-segments:${node.nodeId}`}
                  value={node.segments}
                  text={formatCount(node.segments)}
                />
              </td>
              <td>{formatCount(node.busy)}</td>
              <td>{node.serves ?? '–'}</td>
              <td>{node.engine ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const byName = (a: NodeView, b: NodeView): number => (a.name < b.name ? -1 : 1)

function State({ node, active }: { readonly node: NodeView | undefined; readonly active: boolean | undefined }) {
  if (node?.up === false) return <em className="state down">stopped</em>
  if (active === false) return <em className="state">not active in this round</em>
  // Events tell when an orchestrator is left alone and why, not when that ends.
  if (node?.suspendedReason) return <small className="note">last left alone: {node.suspendedReason}</small>
  return null
}

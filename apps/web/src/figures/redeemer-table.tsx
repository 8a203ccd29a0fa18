import { formatWei, type NodeView } from '@millrace/wire'
import { formatCount } from '../format/numbers.ts'
import { Value } from './figure.tsx'
import { NodeState } from './node-state.tsx'

/** Each redeemer of its own with the tickets that it has paid out. */
export function RedeemerTable({ redeemers }: { readonly redeemers: readonly NodeView[] }) {
  return (
    <div className="table-frame">
      <table>
        <thead>
          <tr>
            <th scope="col">Redeemer</th>
            <th scope="col">Tickets won</th>
            <th scope="col">Paid out</th>
            <th scope="col">Amount</th>
          </tr>
        </thead>
        <tbody>
          {redeemers.map((node) => (
            <Redeemer key={node.nodeId} node={node} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Redeemer({ node }: { readonly node: NodeView }) {
  const { nodeId, ticketsWon, ticketsRedeemed, redeemedWei } = node
  return (
    <tr className={node.up ? undefined : 'down'}>
      <th scope="row">
        {node.name}
        <NodeState node={node} active={undefined} />
      </th>
      <td>
        <Value name={`redeemer-tickets-won:${nodeId}`} value={ticketsWon} text={formatCount(ticketsWon)} />
      </td>
      <td>
        <Value
          name={`redeemer-tickets-redeemed:${nodeId}`}
          value={ticketsRedeemed}
          text={formatCount(ticketsRedeemed)}
        />
      </td>
      <td>
        <Value name={`redeemer-paid-wei:${nodeId}`} value={redeemedWei} text={formatWei(redeemedWei)} />
      </td>
    </tr>
  )
}

import type { NetworkView, NodeView } from '@millrace/wire'
import { formatCount } from '../format/numbers.ts'
import { Value } from './figure.tsx'
import { NodeState } from './node-state.tsx'

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
                <NodeState node={node} active={undefined} />
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

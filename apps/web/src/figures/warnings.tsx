import type { NetworkView } from '@millrace/wire'

const SHOWN = 5

/** The latest warnings, newest first; new ones are read out when the reader pauses. */
export function Warnings({ warnings }: { readonly warnings: NetworkView['warnings'] }) {
  const latest = warnings.slice(-SHOWN).toReversed()
  return (
    <div aria-live="polite" data-figure="warnings" data-value={warnings.length}>
      {latest.length > 0 && (
        <section className="card warnings" aria-labelledby="warnings-title">
          <h2 id="warnings-title">Warnings</h2>
          <ul>
            {latest.map((warning) => (
              <li key={`${warning.atMs} ${warning.code} ${warning.message}`}>
                <time dateTime={new Date(warning.atMs).toISOString()}>
                  {new Date(warning.atMs).toLocaleTimeString()}
                </time>
                <span>
                  {!warning.message.startsWith(warning.nodeId) && <strong>{warning.nodeId} </strong>}
                  {warning.message}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}

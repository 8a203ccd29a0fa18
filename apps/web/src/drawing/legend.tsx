/** What the shapes of the drawing mean. */
export function Legend({ paying }: { readonly paying: boolean }) {
  return (
    <ul className="legend">
      <li>
        <i className="mark segment" aria-hidden="true" /> segment on its way
      </li>
      <li>
        <i className="mark result" aria-hidden="true" /> transcoded, on its way back
      </li>
      {paying && (
        <>
          <li>
            <i className="mark ticket" aria-hidden="true" /> ticket
          </li>
          <li>
            <i className="mark won" aria-hidden="true" /> ticket that won
          </li>
          <li>
            <i className="mark stake" aria-hidden="true" /> delegator’s stake
          </li>
        </>
      )}
      <li>Numbers count segments.</li>
    </ul>
  )
}

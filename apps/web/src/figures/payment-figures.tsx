import { formatWei, type NetworkView } from '@millrace/wire'
import { formatCount, formatShare } from '../format/numbers.ts'
import { Figure } from './figure.tsx'

/** The tickets of all streams and what the gateway holds to pay them. */
export function PaymentFigures({ view }: { readonly view: NetworkView }) {
  const { totals, chain } = view
  const { ticketsSent, ticketsReceived, ticketsWon, ticketsRedeemed, redeemedWei, expectedValueWei, feesWei } = totals
  return (
    <dl className="figures">
      <Figure name="fees-wei" label="Fees for the work" value={feesWei} text={formatWei(feesWei)} />
      <Figure name="segments-paid" label="Segments paid" value={totals.paid} text={formatCount(totals.paid)} />
      <Figure
        name="tickets-sent"
        label="Tickets sent"
        value={ticketsSent}
        text={formatCount(ticketsSent)}
        hint={`worth ${formatWei(expectedValueWei)} on average`}
      />
      <Figure
        name="tickets-won"
        label="Tickets that won"
        value={ticketsWon}
        text={formatCount(ticketsWon)}
        hint={`${formatShare(ticketsWon, ticketsReceived)} of those received`}
        tone="gold"
      />
      <Figure
        name="tickets-redeemed"
        label="Tickets paid out"
        value={ticketsRedeemed}
        text={formatCount(ticketsRedeemed)}
        hint={formatWei(redeemedWei)}
      />
      {chain?.sender && <SenderFigures {...chain.sender} />}
    </dl>
  )
}

function SenderFigures({ depositWei, reserveWei }: { readonly depositWei: string; readonly reserveWei: string }) {
  return (
    <>
      <Figure name="deposit-wei" label="Gateway's deposit" value={depositWei} text={formatWei(BigInt(depositWei))} />
      <Figure name="reserve-wei" label="Gateway's reserve" value={reserveWei} text={formatWei(BigInt(reserveWei))} />
    </>
  )
}

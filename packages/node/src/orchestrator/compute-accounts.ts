import { type Rational, rational } from '@millrace/base'
import { type Balances, feeOf, type ReceivedPayment, type TicketRecipient } from '@millrace/payments'
import { type Address, manifestId, type Payment, sessionId, type TellEvent } from '@millrace/wire'
import { wholeWei } from './whole-wei.ts'

export type ComputeAccountsDeps = {
  /** Undefined off chain. */
  readonly recipient: Pick<TicketRecipient, 'receivePayment'> | undefined
  readonly balances: Balances
  readonly tell: TellEvent
}

/** What gateways have paid for operators' own apps; an account is named by the capability, or by the session. */
export class ComputeAccounts {
  readonly #deps: ComputeAccountsDeps

  constructor(deps: ComputeAccountsDeps) {
    this.#deps = deps
  }

  /** Credits a payment to the one who made it; what was wrong with it stands in `error`. Undefined off chain. */
  async take(payment: Payment, account: string): Promise<ReceivedPayment | undefined> {
    const { recipient, balances, tell } = this.#deps
    if (!recipient) return undefined
    const id = sessionId(account)
    const origin = { manifestId: manifestId(account), seq: 0, sessionId: id }
    const received = await recipient.receivePayment(payment, { origin })
    const balance = balances.credit(payment.sender, id, received.credit)
    if (received.accepted > 0)
      tell({
        type: 'payment_received',
        ...{ manifestId: origin.manifestId, seq: 0, sender: payment.sender, sessionId: id },
        ...{ tickets: received.accepted, creditWei: wholeWei(received.credit), balanceWei: wholeWei(balance) },
      })
    return received
  }

  balance(sender: Address, account: string): Rational {
    return this.#deps.balances.balance(sender, sessionId(account)) ?? rational(0n)
  }

  /** Takes the fee of so many units; false when the account is below zero then. */
  charge(sender: Address, account: string, units: bigint, price: Rational): boolean {
    return this.takeFee(sender, account, feeOf(units, price))
  }

  /** Takes a fee in wei; false when the account is below zero then. */
  takeFee(sender: Address, account: string, fee: Rational): boolean {
    if (fee.num <= 0n) return true
    return this.#deps.balances.debit(sender, sessionId(account), fee).after.num >= 0n
  }

  /** Puts a fee back that was taken for what failed. */
  giveBack(sender: Address, account: string, fee: Rational): void {
    if (fee.num > 0n) this.#deps.balances.credit(sender, sessionId(account), fee)
  }

  /** Pins the price that an account is paid at. */
  agree(sender: Address, account: string, price: Rational): void {
    this.#deps.balances.setFixedPrice(sender, sessionId(account), price)
  }
}

/** A fraction of wei with so many digits behind the point, rounded down. */
export function decimalText({ num, den }: Rational, digits: number): string {
  const scale = 10n ** BigInt(digits)
  const scaled = (num * scale) / den
  const sign = scaled < 0n ? '-' : ''
  const size = scaled < 0n ? -scaled : scaled
  const rest = digits > 0 ? `.${(size % scale).toString().padStart(digits, '0')}` : ''
  return `${sign}${size / scale}${rest}`
}

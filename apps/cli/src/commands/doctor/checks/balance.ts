import { paymentParametersOf } from '@millrace/node'
import { txCost } from '@millrace/payments'
import { formatWei } from '@millrace/wire'
import { failed, type Outcome, ok, warning } from '../finding.ts'
import { balanceOf, gasPriceOf } from '../read-chain.ts'
import type { Subject } from '../subject.ts'

/** With less than this many redemptions' worth of gas an orchestrator is soon stuck. */
const COMFORTABLE = 10n

/** Whether the account can pay for the transactions of its roles; one redemption is the dearest of them. */
export async function balance(subject: Subject): Promise<Outcome> {
  const [client, { address }] = await Promise.all([subject.client(), subject.key()])
  const [wei, gasPriceWei] = await Promise.all([balanceOf(client, address), gasPriceOf(client, subject.chain!)])
  const oneWei = txCost(paymentParametersOf(subject.config.network), gasPriceWei)
  const facts = {
    address,
    balanceWei: wei.toString(),
    gasPriceWei: gasPriceWei.toString(),
    redemptionWei: oneWei.toString(),
  }
  const count = oneWei > 0n ? wei / oneWei : undefined
  const found =
    count === undefined
      ? `${formatWei(wei)}; gas costs nothing now`
      : `${formatWei(wei)}, enough for ${count} transactions as dear as redeeming a ticket (${formatWei(oneWei)} each)`
  if (count === undefined) return ok(found, { facts })
  const advice = `send ETH to ${address}`
  const { orchestrator, redeemer } = subject.config
  // A gateway pays from its deposit; it needs gas only to add to it.
  if (!orchestrator && !redeemer)
    return count === 0n
      ? warning(found, `${advice}, to be able to add to the deposit`, { facts })
      : ok(found, { facts })
  if (count === 0n) return failed(found, `${advice}: rewards cannot be called and tickets not be redeemed`, { facts })
  return count < COMFORTABLE ? warning(found, `${advice} before it is used up`, { facts }) : ok(found, { facts })
}

import { hasCode, rational } from '@millrace/base'
import { getSenderInfo, poolSize, roundState, type SenderInfo } from '@millrace/chain'
import { paymentParametersOf } from '@millrace/node'
import {
  faceValue,
  type GatewayPlan,
  maxFloatOf,
  type PaymentParameters,
  planGateway,
  reserveAllocation,
} from '@millrace/payments'
import { DEFAULT_LADDER, formatWei } from '@millrace/wire'
import { failed, type Outcome, ok, warning } from '../finding.ts'
import { gasPriceOf } from '../read-chain.ts'
import type { Subject } from '../subject.ts'

/** Deposit and reserve of a gateway or a signer against what one stream needs at the gas price of now. */
export async function deposit(subject: Subject): Promise<Outcome> {
  const [client, { address }] = await Promise.all([subject.client(), subject.key()])
  const [funds, size, gasPriceWei, { currentRound }] = await Promise.all([
    getSenderInfo(client, address),
    poolSize(client),
    gasPriceOf(client, subject.chain!),
    roundState(client),
  ])
  const parameters = paymentParametersOf(subject.config.network)
  // What gateways without a key ask a signer for, it does not know.
  const { ladder } = subject.config.gateway ?? { ladder: DEFAULT_LADDER }
  const plan = planGateway({
    ...{ streams: 1, hoursPerDay: 24, days: 1, sourceFps: 30, segmentMs: 2_000, ladder, parameters, gasPriceWei },
    price: (await subject.maxPrice()) ?? rational(0n),
    activeOrchestrators: size > 0n ? size : 1n,
  })
  return judgeFunds({ funds, plan, parameters, gasPriceWei, poolSize: size, currentRound })
}

/** What the funds of a gateway mean. Rules: pm spec, "sender validation", "ticket parameters" and "max float". */
export function judgeFunds(now: {
  readonly funds: SenderInfo
  readonly plan: GatewayPlan
  readonly parameters: PaymentParameters
  readonly gasPriceWei: bigint
  readonly poolSize: bigint
  readonly currentRound: bigint
}): Outcome {
  const { funds, plan, parameters, gasPriceWei } = now
  const { deposit: has, reserve, withdrawRound } = funds
  const { faceValueWei, lowBalanceWei, reserveWei } = plan
  const share = reserveAllocation(reserve, { poolSize: now.poolSize, claimedByMe: 0n })
  const facts = {
    ...{ depositWei: has.toString(), reserveWei: reserve.fundsRemaining.toString(), shareWei: share.toString() },
    ...{
      faceValueWei: faceValueWei.toString(),
      lowBalanceWei: lowBalanceWei.toString(),
      neededReserveWei: reserveWei.toString(),
    },
  }
  const seen = `deposit ${formatWei(has)}, reserve ${formatWei(reserve.fundsRemaining)}`
  const asked = `a ticket of ${formatWei(faceValueWei)} is asked for at this gas price`
  const plans = '`millrace gateway plan` reckons how much; `millrace deposit` adds it'
  if (withdrawRound !== 0n && withdrawRound <= now.currentRound + 1n)
    return failed(
      `${seen}, both being unlocked`,
      'orchestrators take no tickets then: stop it with `millrace unlock --cancel`',
      { facts },
    )
  if (has === 0n || reserve.fundsRemaining === 0n)
    return failed(
      `${seen}: both are needed`,
      `put in a deposit of ${formatWei(lowBalanceWei)} and a reserve of ${formatWei(reserveWei)} at least; ${plans}`,
      { facts },
    )
  let given: bigint
  try {
    given = faceValue(parameters, {
      gasPriceWei,
      maxFloat: maxFloatOf({ allocation: share, deposit: has, pending: 0n }),
    })
  } catch (error) {
    if (!hasCode(error, 'insufficient_sender_reserve')) throw error
    return failed(
      `${seen}; of the reserve each of ${now.poolSize} orchestrators may claim ${formatWei(share)}, which does not pay for redeeming a ticket`,
      `raise the reserve to ${formatWei(reserveWei)}: ${asked}; ${plans}`,
      { facts },
    )
  }
  if (has < given * parameters.depositMultiplier)
    return failed(
      `${seen}: the deposit is less than one ticket of ${formatWei(given)}`,
      `raise the deposit to ${formatWei(lowBalanceWei)}; ${plans}`,
      { facts },
    )
  if (share < faceValueWei)
    return warning(
      `${seen}; tickets can be worth ${formatWei(given)}, ${asked}`,
      `raise the reserve to ${formatWei(reserveWei)}, else orchestrators may raise their price or refuse when gas becomes dearer; ${plans}`,
      { facts },
    )
  if (has < lowBalanceWei)
    return warning(
      `${seen}: below ${formatWei(lowBalanceWei)}, which one stream may use in an unlucky day`,
      `add to the deposit; ${plans}`,
      { facts },
    )
  return ok(`${seen}: enough for tickets of ${formatWei(faceValueWei)}`, { facts })
}

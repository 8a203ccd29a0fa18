import { ceilRational, type Rational } from '@millrace/base'
import type { GatewayPlan, GatewayPlanInput } from '@millrace/payments'
import { formatWei } from '@millrace/wire'
import { priceText } from './doctor/ask-terms.ts'

/** A gateway's plan in plain words: what is needed first, then how it is reckoned. */
export function planText(input: GatewayPlanInput, plan: GatewayPlan, priceFrom: string): string {
  const { streams, hoursPerDay, days, ladder, price, gasPriceWei, activeOrchestrators, parameters, segmentMs } = input
  const wins = decimal(plan.winningTicketsPerDay)
  const oneIn = ceilRational(plan.ticketsPerWin)
  const lines = [
    `${streams} streams, ${hoursPerDay} hours a day, for ${days} days`,
    '',
    row('deposit', plan.depositWei, `lasts ${days} days, unlucky ones too, and is then at the low-balance level`),
    row(
      'reserve',
      plan.reserveWei,
      `${activeOrchestrators} orchestrators × a face value of ${formatWei(plan.faceValueWei)}`,
    ),
    row('low balance', plan.lowBalanceWei, 'add to the deposit when it falls below this'),
    row('burn a day', plan.burnPerDayWei, 'on average; the reserve is not used up while there is a deposit'),
    '',
    'How that is reckoned',
    `  price         ${priceText(price)} wei per pixel (${priceFrom})`,
    `  pixels        ${group(ceilRational(plan.pixelsPerSecond))} a second and stream, in ${ladder.length} renditions`,
    `  fee           ${formatWei(plan.feePerSegmentWei)} for a segment of ${segmentMs / 1000} s`,
    `  tickets       ${formatWei(plan.ticketEvWei)} each on average: ${decimal(plan.ticketsPerSegment)} a segment, ${group(plan.ticketsPerDay)} a day`,
    `  redeeming     ${formatWei(plan.redemptionWei)} (${group(parameters.redeemGas)} gas at ${formatWei(gasPriceWei)})`,
    `  face value    ${formatWei(plan.faceValueWei)}, ${parameters.txCostMultiplier} times that${parameters.redeemGas * gasPriceWei * parameters.txCostMultiplier === plan.faceValueWei ? '' : ', within the limits of the flags'}`,
    `  winning       one ticket in ${group(oneIn)}: ${wins} a day on average, ${plan.unluckyWins} in ${days} unlucky days`,
    '',
    'A reserve is shared equally by all active orchestrators, so each must be able to claim one face value of it.',
    'Both grow with the price of gas: reckon again when it changes.',
    ...(plan.exceedsMaxTotalEv
      ? [
          '',
          `WARNING: a segment needs more than -maxTotalEV (${formatWei(parameters.maxTotalEvWei)}): raise it, or make segments shorter.`,
        ]
      : []),
    ...(plan.ticketEvWei > parameters.maxTicketEvWei
      ? [
          '',
          `WARNING: tickets are worth more than -maxTicketEV (${formatWei(parameters.maxTicketEvWei)}): the gateway would refuse them.`,
        ]
      : []),
  ]
  return `${lines.join('\n')}\n`
}

const row = (name: string, wei: bigint, why: string): string =>
  `  ${name.padEnd(13)} ${formatWei(wei).padEnd(16)} ${why}`

const group = (value: bigint): string => value.toString().replace(/\B(?=(\d{3})+$)/g, ',')

/** With three digits that count. */
function decimal({ num, den }: Rational): string {
  const value = Number((num * 1_000_000n) / den) / 1_000_000
  return value >= 100 ? group(BigInt(Math.round(value))) : value.toLocaleString('en', { maximumSignificantDigits: 3 })
}

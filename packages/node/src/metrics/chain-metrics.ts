import type { NodeEventOf } from '@millrace/wire'
import { type Fold, gwei } from './fold.ts'
import type { MetricFactory } from './metric-factory.ts'

/** What a node has on the chain and does there. */
export function chainMetrics(make: MetricFactory): Fold {
  const ofSender = ['sender'] as const
  const level = (name: string, help: string) => make.level(name, { help, costly: ofSender })
  const deposits = [
    level('livepeer_gateway_deposit', 'Deposit of the gateway, in gwei'),
    level('livepeer_broadcaster_deposit', 'The same under its old name'),
  ]
  const reserves = [
    level('livepeer_gateway_reserve', 'Reserve of the gateway, in gwei'),
    level('livepeer_broadcaster_reserve', 'The same under its old name'),
  ]
  const redeemed = make.sum('livepeer_value_redeemed', {
    help: 'Redeemed for winning tickets, in gwei',
    costly: ofSender,
  })
  const redemptionErrors = make.sum('livepeer_ticket_redemption_errors', { help: 'Winning tickets that were given up' })
  const minGas = make.level('livepeer_min_gas_price', { help: 'The least that is offered for gas, in gwei' })
  const maxGas = make.level('livepeer_max_gas_price', { help: 'The most that is offered for gas, in gwei; 0 for any' })
  const gas = make.level('livepeer_suggested_gas_price', { help: 'What gas costs, in gwei' })
  const rewardErrors = make.sum('livepeer_reward_call_errors', { help: 'Reward calls that failed' })

  function account(event: NodeEventOf<'account_state'>): void {
    gas.set(gwei(event.gasPriceWei))
    minGas.set(gwei(event.minGasPriceWei))
    maxGas.set(gwei(event.maxGasPriceWei ?? '0'))
    if (!event.funds) return
    for (const deposit of deposits) deposit.set(gwei(event.funds.depositWei), { sender: event.address })
    for (const reserve of reserves) reserve.set(gwei(event.funds.reserveWei), { sender: event.address })
  }

  return (event) => {
    switch (event.type) {
      case 'account_state':
        return account(event)
      case 'ticket_redeemed':
        return redeemed.add(gwei(event.paidWei), { sender: event.sender })
      case 'ticket_dropped':
        return redemptionErrors.add(1)
      case 'reward_failed':
        return rewardErrors.add(1)
    }
  }
}

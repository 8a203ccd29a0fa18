import { formatWei } from '@millrace/wire'
import { parseEther } from './amounts.ts'
import { GATEWAY_PORT, operatorCommand } from './operator-command.ts'
import { big } from './read-values.ts'

type SenderInfo = {
  readonly Deposit: number | bigint
  readonly WithdrawRound: number | bigint
  readonly Reserve: { readonly FundsRemaining: number | bigint }
}

/** `millrace deposit`: what a gateway pays from. */
export const deposit = operatorCommand({
  name: 'deposit',
  description: "Add to a gateway's deposit, and with --reserve to its reserve",
  port: GATEWAY_PORT,
  args: {
    amount: { type: 'positional', required: false, description: 'How much for the deposit, for example "0.1 ETH"' },
    reserve: { type: 'string', description: 'How much for the reserve, which backs the deposit (default: nothing)' },
  },
  plan: async ({ client, ask, given }) => {
    const info = await client.json<SenderInfo>('/senderInfo')
    const balance = formatWei(await client.integer('/ethBalance'))
    const [now, backed] = [big(info.Deposit), big(info.Reserve.FundsRemaining)]
    const amount = await ask.value(
      given('amount'),
      { name: 'the amount', text: `How much ETH for the deposit? The account has ${balance}.` },
      parseEther,
    )
    const reserve = await ask.value(
      given('reserve'),
      { name: '--reserve', text: 'How much ETH for the reserve?', usual: '0' },
      parseEther,
    )
    return {
      will: [
        `${formatWei(amount + reserve)} of ${balance} will be spent:`,
        `the deposit grows from ${formatWei(now)} to ${formatWei(now + amount)}, the reserve from ${formatWei(backed)} to ${formatWei(backed + reserve)}.`,
        ...(big(info.WithdrawRound) > 0n ? ['The deposit is being unlocked; this stops that.'] : []),
      ],
      run: async () => {
        if (reserve > 0n) await client.text('/fundDepositAndReserve', { depositAmount: amount, reserveAmount: reserve })
        else await client.text('/fundDeposit', { amount })
        return {
          lines: [`deposit ${formatWei(now + amount)}, reserve ${formatWei(backed + reserve)}`],
          facts: { depositWei: now + amount, reserveWei: backed + reserve },
        }
      },
    }
  },
})

import { formatLpt } from '@millrace/wire'
import { parseLpt } from './amounts.ts'
import { ORCHESTRATOR_PORT, operatorCommand } from './operator-command.ts'
import { big, readAddress } from './read-values.ts'

type DelegatorInfo = { readonly DelegateAddress: string; readonly PendingStake: number | bigint }

/** `millrace bond`: LPT of the node's account to an orchestrator. */
export const bond = operatorCommand({
  name: 'bond',
  description: 'Bond LPT to an orchestrator',
  port: ORCHESTRATOR_PORT,
  args: {
    amount: {
      type: 'positional',
      required: false,
      description: 'How much, for example 100 or "1.5 LPT"; 0 moves what is bonded',
    },
    to: { type: 'string', description: 'The orchestrator (default: the one bonded to, else this node)' },
  },
  plan: async ({ client, ask, given }) => {
    const balance = await client.integer('/tokenBalance')
    const info = await client.json<DelegatorInfo>('/delegatorInfo')
    const delegate = BigInt(info.DelegateAddress) === 0n ? await client.text('/ethAddr') : info.DelegateAddress
    const amount = await ask.value(
      given('amount'),
      { name: 'the amount', text: `How much LPT? There are ${formatLpt(balance)}.` },
      parseLpt,
    )
    const to = await ask.value(
      given('to'),
      { name: '--to', text: 'To which orchestrator?', usual: delegate },
      readAddress,
    )
    const round = await client.integer('/currentRound')
    const moves = BigInt(info.DelegateAddress) !== 0n && to !== info.DelegateAddress.toLowerCase()
    return {
      will: [
        `${formatLpt(amount)} will be bonded to ${to}; it counts from round ${round + 1n} on.`,
        ...(moves
          ? [`All ${formatLpt(big(info.PendingStake))} bonded to ${info.DelegateAddress} move there too.`]
          : []),
      ],
      run: async () => {
        await client.text('/bond', { amount, toAddr: to })
        return {
          lines: [`bonded ${formatLpt(amount)} to ${to}`],
          facts: { amountLpt: amount, to, countsFromRound: round + 1n },
        }
      },
    }
  },
})

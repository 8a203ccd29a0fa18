import { formatWei } from '@millrace/wire'
import { parseWei } from './amounts.ts'
import { ORCHESTRATOR_PORT, operatorCommand } from './operator-command.ts'

/** `millrace gas`: the bounds of what is offered for gas. */
export const gas = operatorCommand({
  name: 'gas',
  description: 'Tell or set the least and the most that the node offers for gas',
  port: ORCHESTRATOR_PORT,
  args: {
    max: { type: 'string', description: 'The most, for example "20 gwei"; 0 for any price' },
    min: { type: 'string', description: 'The least' },
  },
  plan: async ({ client, given }) => {
    const max = given('max') === undefined ? undefined : parseWei(given('max')!)
    const min = given('min') === undefined ? undefined : parseWei(given('min')!)
    const will = [
      ...(max === undefined
        ? []
        : [max === 0n ? 'Gas may cost any price.' : `Transactions wait while gas costs more than ${formatWei(max)}.`]),
      ...(min === undefined ? [] : [`At least ${formatWei(min)} will be offered for gas.`]),
    ]
    return {
      will,
      run: async () => {
        if (max !== undefined) await client.text('/setMaxGasPrice', { amount: max })
        if (min !== undefined) await client.text('/setMinGasPrice', { minGasPrice: min })
        const most = (await client.text('/maxGasPrice')).trim()
        const least = await client.integer('/minGasPrice')
        return {
          lines: [`gas: at least ${formatWei(least)}, at most ${most === '' ? 'any price' : formatWei(BigInt(most))}`],
          facts: { minGasPriceWei: least, maxGasPriceWei: most === '' ? null : BigInt(most) },
        }
      },
    }
  },
})

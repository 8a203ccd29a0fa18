import { MillraceError } from '@millrace/base'
import type { OperatorForm } from './operator-client.ts'
import { ORCHESTRATOR_PORT, operatorCommand } from './operator-command.ts'
import { readAddress } from './read-values.ts'

/** `millrace price`: what an orchestrator asks, or what a gateway pays at most. */
export const price = operatorCommand({
  name: 'price',
  description: 'Set what an orchestrator asks for pixels, or what a gateway pays at most; without a price, tell it',
  port: ORCHESTRATOR_PORT,
  args: {
    price: {
      type: 'positional',
      required: false,
      description: 'Wei for one pixel, for example 1200, 0.5 or 1/3; or 0.5USD where the node has a price feed',
    },
    pixels: { type: 'string', description: 'The pixels that the price is for (default 1)' },
    for: { type: 'string', description: 'One gateway alone, by its address' },
  },
  plan: async ({ client, given }) => {
    const isOrchestrator = (await client.text('/IsOrchestrator')).trim() === 'true'
    const wanted = given('price')
    if (wanted === undefined) {
      const facts = isOrchestrator
        ? (await client.json<{ BroadcasterPrices: Record<string, string> }>('/status')).BroadcasterPrices
        : { maximum: (await client.json<{ MaxPrice: string | null }>('/getBroadcastConfig')).MaxPrice }
      const lines = Object.entries(facts).map(
        ([who, wei]) => `${who}: ${wei === null ? 'any price' : `${wei} wei per pixel`}`,
      )
      return { will: [], run: async () => ({ lines, facts }) }
    }
    const pixels = given('pixels') ?? '1'
    const named = /[A-Za-z]$/.test(wanted) ? wanted : `${wanted} wei`
    const text = `${named} for ${pixels === '1' ? 'a pixel' : `${pixels} pixels`}`
    const gateway = given('for')
    if (!isOrchestrator && gateway !== undefined)
      throw new MillraceError('not_an_orchestrator', '--for names a gateway, which only an orchestrator has prices for')
    const who = gateway === undefined ? 'default' : readAddress(gateway)
    const [path, form, will]: [string, OperatorForm, string] = isOrchestrator
      ? [
          '/setPriceForBroadcaster',
          { pricePerUnit: wanted, pixelsPerUnit: pixels, broadcasterEthAddr: who },
          `New sessions of ${gateway === undefined ? 'all gateways without a price of their own' : who} will be asked ${text}, until the node is started anew.`,
        ]
      : [
          '/setBroadcastConfig',
          { maxPricePerUnit: wanted, pixelsPerUnit: pixels },
          `The gateway will pay ${text} at most, until it is started anew.`,
        ]
    return {
      will: [will],
      run: async () => {
        await client.text(path, form)
        return { lines: [`price: ${text}`], facts: { price: wanted, pixels, for: isOrchestrator ? who : 'maximum' } }
      },
    }
  },
})

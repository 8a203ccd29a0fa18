import { needChain, type OperatorContext } from '../context.ts'
import { ApiError, done, type Routes, text } from '../route.ts'

/** What the node offers for gas. Amounts are wei. */
export const gasRoutes = (context: OperatorContext): Routes => ({
  '/setMaxGasPrice': ({ parameters }) => {
    const amount = parameters.integer('amount')
    const { txSender } = needChain(context)
    const { minGasPriceWei = 0n } = txSender.gasPriceBounds
    if (amount > 0n && amount < minGasPriceWei)
      throw new ApiError(400, `the maximum would be below the minimum of ${minGasPriceWei} wei`)
    txSender.setGasPriceBounds({ maxGasPriceWei: amount === 0n ? undefined : amount })
    return done
  },
  '/setMinGasPrice': ({ parameters }) => {
    const amount = parameters.integer('minGasPrice')
    const { txSender, gasPrices } = needChain(context)
    const { maxGasPriceWei } = txSender.gasPriceBounds
    if (maxGasPriceWei !== undefined && amount > maxGasPriceWei)
      throw new ApiError(400, `the minimum would be above the maximum of ${maxGasPriceWei} wei`)
    txSender.setGasPriceBounds({ minGasPriceWei: amount })
    gasPrices.setMinimum(amount)
    return done
  },
  '/maxGasPrice': () => text(String(needChain(context).txSender.gasPriceBounds.maxGasPriceWei ?? '')),
  '/minGasPrice': () => text(String(needChain(context).txSender.gasPriceBounds.minGasPriceWei ?? 0n)),
})

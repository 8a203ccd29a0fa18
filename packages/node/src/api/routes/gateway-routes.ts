import { goRational, PROFILE_PRESETS } from '@millrace/wire'
import { needGateway, type OperatorContext } from '../context.ts'
import { readPrice } from '../price-parameters.ts'
import { ApiError, done, json, type Routes } from '../route.ts'

/** What a gateway pays at most, and what it buys. */
export const gatewayRoutes = (context: OperatorContext): Routes => ({
  '/getBroadcastConfig': () => {
    const { maxPrice, ladder } = needGateway(context)
    return json({
      MaxPrice: maxPrice ? goRational(maxPrice) : null,
      TranscodingOptions: ladder.map(({ name }) => name).join(','),
    })
  },
  '/setBroadcastConfig': ({ parameters }) => {
    const gateway = needGateway(context)
    const names = parameters.find('transcodingOptions')
    const hasPrice = parameters.find('maxPricePerUnit') !== undefined && parameters.find('pixelsPerUnit') !== undefined
    if (!hasPrice && names === undefined)
      throw new ApiError(400, 'missing form params (maxPricePerUnit AND pixelsPerUnit) or transcodingOptions')
    const price = hasPrice ? readPrice(parameters, { unit: 'maxPricePerUnit' }) : undefined
    const ladder = names?.split(',').map((name) => {
      const profile = PROFILE_PRESETS.get(name.trim())
      if (!profile) throw new ApiError(400, `invalid transcoding options: ${names}`)
      return profile
    })
    // A price of 0 means any price, as upstream.
    if (price) gateway.maxPrice = price.num === 0n ? undefined : price
    if (ladder) gateway.ladder = ladder
    return done
  },
})

import { capabilityOfPipeline, goRational, PROFILE_PRESETS } from '@millrace/wire'
import { needGateway, needPayer, type OperatorContext } from '../context.ts'
import { readPrice, setPrice } from '../price-parameters.ts'
import { ApiError, done, json, type Routes } from '../route.ts'

/** What a gateway pays at most, and what it buys. */
export const gatewayRoutes = (context: OperatorContext): Routes => ({
  '/getBroadcastConfig': () => {
    const { maxPrice } = needPayer(context)
    const ladder = context.gateway?.ladder ?? []
    return json({
      MaxPrice: maxPrice ? goRational(maxPrice) : null,
      TranscodingOptions: ladder.map(({ name }) => name).join(','),
    })
  },
  '/setBroadcastConfig': async ({ parameters }) => {
    const payer = needPayer(context)
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
    if (price) await setPrice(() => payer.setMaxPrice(price.pricePerPixel.num === 0n ? undefined : price))
    if (ladder) needGateway(context).ladder = ladder
    return done
  },
  '/setMaxPriceForCapability': async ({ parameters }) => {
    const payer = context.gateway ?? context.signer
    if (!payer) throw new ApiError(400, 'Node must be gateway node to set max price per capability')
    const [pipeline, modelId] = [parameters.find('pipeline'), parameters.find('modelID')]
    if (pipeline === undefined || modelId === undefined) throw new ApiError(400, 'pipeline and modelID must be set')
    const capability = capabilityOfPipeline(pipeline)
    if (capability === undefined) throw new ApiError(400, 'pipeline not supported')
    if (parameters.find('maxPricePerUnit') === undefined || parameters.find('pixelsPerUnit') === undefined)
      throw new ApiError(400, 'maxPricePerUnit and pixelsPerUnit need to be set')
    const price = readPrice(parameters, { unit: 'maxPricePerUnit' })
    if (price.pricePerPixel.num === 0n) throw new ApiError(400, 'pricePerPixel needs to be > 0: 0')
    await setPrice(() => payer.setMaxPriceForCapability(capability, modelId, price))
    return done
  },
})

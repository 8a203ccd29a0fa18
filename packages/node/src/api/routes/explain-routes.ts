import type { OperatorContext } from '../context.ts'
import { ApiError, json, type Routes } from '../route.ts'

/** Why a gateway chose the orchestrators that it chose. */
export const explainRoutes = (context: OperatorContext): Routes => ({
  '/explain/': ({ path }) => {
    const explanation = context.explain?.(path.slice('/explain/'.length))
    if (explanation === undefined) throw new ApiError(404, 'this node made no choice for that stream')
    return json(explanation)
  },
})

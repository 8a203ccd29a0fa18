import type { OperatorContext } from '../context.ts'
import { ApiError, json, type Routes } from '../route.ts'

/** Why a gateway chose the orchestrators that it chose, and which of them serve its viewers. */
export const explainRoutes = (context: OperatorContext): Routes => ({
  '/explain/': ({ path }) => {
    const explanation = context.explain?.(path.slice('/explain/'.length))
    if (explanation === undefined) throw new ApiError(404, 'this node made no choice for that stream')
    return json(explanation)
  },
  '/distribution': () => {
    if (context.distribution === undefined)
      throw new ApiError(404, 'this node has no viewers served by orchestrators: see -distributeBy')
    return json(context.distribution.summary())
  },
})

import { ComputeError } from '@millrace/ai'
import type { OperatorContext } from '../context.ts'
import { ApiError, json, type Routes } from '../route.ts'

/** Registers the apps behind an orchestrator while it runs. */
export const liveRunnerRoutes = ({ liveRunners }: OperatorContext): Routes => ({
  '/registerLiveRunners': async ({ parameters }) => {
    if (!liveRunners)
      throw new ApiError(404, 'live runners are not supported: start the orchestrator with -useLiveRunners')
    try {
      return json(await liveRunners.register(parameters.body))
    } catch (error) {
      if (error instanceof ComputeError) throw new ApiError(error.status === 503 ? 503 : 400, error.message)
      throw error
    }
  },
})

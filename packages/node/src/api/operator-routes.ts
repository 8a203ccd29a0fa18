import type { OperatorContext } from './context.ts'
import type { Routes } from './route.ts'
import { depositRoutes } from './routes/deposit-routes.ts'
import { explainRoutes } from './routes/explain-routes.ts'
import { gasRoutes } from './routes/gas-routes.ts'
import { gatewayRoutes } from './routes/gateway-routes.ts'
import { laterRoutes } from './routes/later-routes.ts'
import { liveRunnerRoutes } from './routes/live-runner-routes.ts'
import { logRoutes } from './routes/log-routes.ts'
import { nodeRoutes } from './routes/node-routes.ts'
import { orchestratorRoutes } from './routes/orchestrator-routes.ts'
import { profileRoutes } from './routes/profile-routes.ts'
import { roundRoutes } from './routes/round-routes.ts'
import { signingRoutes } from './routes/signing-routes.ts'
import { stakingRoutes } from './routes/staking-routes.ts'
import { tokenRoutes } from './routes/token-routes.ts'
import { voteRoutes } from './routes/vote-routes.ts'

/** The operator's API of go-livepeer (wire spec 7): the same paths, parameters and answers. */
export const operatorRoutes = (context: OperatorContext): Routes => ({
  ...nodeRoutes(context),
  ...gatewayRoutes(context),
  ...roundRoutes(context),
  ...orchestratorRoutes(context),
  ...stakingRoutes(context),
  ...tokenRoutes(context),
  ...depositRoutes(context),
  ...voteRoutes(context),
  ...gasRoutes(context),
  ...signingRoutes(context),
  ...logRoutes(context),
  ...profileRoutes(),
  ...explainRoutes(context),
  ...liveRunnerRoutes(context),
  ...laterRoutes,
})

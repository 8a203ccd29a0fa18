import type { LogLevelControl, OperatorContext } from '../context.ts'
import { ApiError, done, type Routes, text } from '../route.ts'

/** How much the node writes to its log, by go-livepeer's numbers. */
export const logRoutes = (context: OperatorContext): Routes => ({
  '/getLogLevel': () => text(String(needControl(context).get())),
  '/setLogLevel': ({ parameters }) => {
    const level = parameters.integer('loglevel')
    if (level > 6n) throw new ApiError(400, 'loglevel must be from 0 to 6')
    needControl(context).set(Number(level))
    return done
  },
})

function needControl({ logLevel }: OperatorContext): LogLevelControl {
  if (!logLevel) throw new ApiError(500, 'the log of this program cannot be changed while it runs')
  return logLevel
}

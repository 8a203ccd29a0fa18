import { type DestinationStream, destination, type Logger, pino } from 'pino'
import type { Log, LogFields } from '../log.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** Opens a log that writes one JSON line a sentence to a file, or to standard error without one. */
export function openLog(options: { readonly level: LogLevel; readonly file?: string }): Log & { flush(): void } {
  const stream: DestinationStream = options.file
    ? destination({ dest: options.file, mkdir: true, sync: false })
    : destination({ fd: 2, sync: true })
  const logger = pino({ level: options.level, base: null, serializers: {} }, stream)
  return Object.assign(wrap(logger), { flush: () => logger.flush() })
}

function wrap(logger: Logger): Log {
  return {
    debug: (message, fields) => logger.debug(plain(fields), message),
    info: (message, fields) => logger.info(plain(fields), message),
    warn: (message, fields) => logger.warn(plain(fields), message),
    error: (message, fields) => logger.error(plain(fields), message),
    child: (fields) => wrap(logger.child(plain(fields))),
  }
}

/** JSON has no bigint: amounts are written as decimal strings. */
function plain(fields: LogFields | undefined): Record<string, unknown> {
  if (!fields) return {}
  const out: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fields)) out[key] = typeof value === 'bigint' ? value.toString() : value
  return out
}

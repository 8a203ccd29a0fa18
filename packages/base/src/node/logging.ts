import { destination, type Logger, pino } from 'pino'
import type { Log, LogFields } from '../log.ts'
import { diskError } from './files.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** Opens a log that writes one JSON line a sentence to a file, or to standard error without one; throws a disk error that says what to do. */
export function openLog(options: { readonly level: LogLevel; readonly file?: string }): Log & { flush(): void } {
  const stream = openStream(options.file)
  // A disk that fills up later must not end a node that could go on without its log.
  stream.on('error', () => {})
  const logger = pino({ level: options.level, base: null, serializers: {} }, stream)
  return Object.assign(wrap(logger), { flush: () => logger.flush() })
}

function openStream(file: string | undefined): ReturnType<typeof destination> {
  if (file === undefined) return destination({ fd: 2, sync: true })
  try {
    // Synchronous, so that the last sentences before an exit are there.
    return destination({ dest: file, mkdir: true, sync: true })
  } catch (cause) {
    throw diskError(cause, file)
  }
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

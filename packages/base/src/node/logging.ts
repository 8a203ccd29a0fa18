import { destination, type Logger, pino } from 'pino'
import type { Log, LogFields } from '../log.ts'
import { diskError } from './files.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** A log with what belongs to it as a whole: its children follow a change of level too. */
export type OpenLog = Log & { level: LogLevel; flush(): void }

/** Opens a log that writes one JSON line a sentence to a file, or to standard error without one; throws a disk error that says what to do. */
export function openLog(options: { readonly level: LogLevel; readonly file?: string }): OpenLog {
  const stream = openStream(options.file)
  // A disk that fills up later must not end a node that could go on without its log.
  stream.on('error', () => {})
  const filter: Filter = { level: options.level }
  // The level is looked at here, because children of the logger would keep the one they were made with.
  const logger = pino({ level: 'debug', base: null, serializers: {} }, stream)
  return {
    ...wrap(logger, filter),
    flush: () => logger.flush(),
    get level() {
      return filter.level
    },
    set level(level) {
      filter.level = level
    },
  }
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

type Filter = { level: LogLevel }

const ORDER: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent']

function wrap(logger: Logger, filter: Filter): Log {
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields?: LogFields): void => {
      if (ORDER.indexOf(level) >= ORDER.indexOf(filter.level)) logger[level](plain(fields), message)
    }
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => wrap(logger.child(plain(fields)), filter),
  }
}

/** JSON has no bigint: amounts are written as decimal strings. */
function plain(fields: LogFields | undefined): Record<string, unknown> {
  if (!fields) return {}
  const out: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fields)) out[key] = typeof value === 'bigint' ? value.toString() : value
  return out
}

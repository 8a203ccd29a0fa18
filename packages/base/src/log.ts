/** Facts that go with a log sentence. */
export type LogFields = Readonly<Record<string, unknown>>

/** A log takes sentences plus data; `child` binds data to every later sentence. */
export type Log = {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  child(fields: LogFields): Log
}

/** A log that keeps silent. */
export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLog,
}

import { errorText, MillraceError } from '@millrace/base'

/** Tells a person what went wrong, in one sentence with its code (docs/errors.md) where it is a known fault, and ends the program with status 1. */
export function reportAndExit(error: unknown): never {
  const known = error instanceof MillraceError
  process.stderr.write(`millrace: ${errorText(error)}${known ? ` [${error.code}]` : ''}\n`)
  if (!known && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  process.exit(1)
}

/** Runs a command's work so that every failure ends in `reportAndExit`. */
export const reporting =
  <T>(work: (context: T) => Promise<void>) =>
  async (context: T): Promise<void> => {
    try {
      await work(context)
    } catch (error) {
      reportAndExit(error)
    }
  }

/** Resolves at the first SIGINT or SIGTERM; a second one ends the program at once. */
export function untilInterrupted(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first = true
    const onSignal = (signal: NodeJS.Signals) => {
      if (!first) process.exit(130)
      first = false
      resolve(signal)
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
}

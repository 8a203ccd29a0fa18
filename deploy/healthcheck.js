#!/usr/bin/env node
// Ends with status 0 when the node of this machine answers /healthz with 200. The port is that of -cliAddr in the environment,
// or the first argument, else those that the roles have by default.
const USUAL = [7935, 5935, 6935, 3935]
const TIMEOUT_MS = 4_000

const named = process.argv[2] ?? process.env.MILLRACE_CLI_ADDR ?? process.env.MILLRACE_CLIADDR ?? process.env.LP_CLIADDR
const port = named === undefined ? undefined : /(\d{1,5})$/.exec(named)?.[1]
if (named !== undefined && port === undefined) {
  console.error(`no port in ${JSON.stringify(named)}: expected host:port`)
  process.exit(1)
}

/** What a port says: `undefined` where nobody answers. */
async function ask(number) {
  try {
    const response = await fetch(`http://127.0.0.1:${number}/healthz`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    return { ok: response.ok, text: (await response.text()).slice(0, 500) }
  } catch {
    return undefined
  }
}

const answers = await Promise.all((port === undefined ? USUAL : [Number(port)]).map(ask))
const answered = answers.filter((answer) => answer !== undefined)
const sick = answered.filter((answer) => !answer.ok)
console.log(answered.map((answer) => answer.text).join('\n') || 'no node answers')
// Not process.exit: what was printed may still be on its way.
process.exitCode = answered.length > 0 && sick.length === 0 ? 0 : 1

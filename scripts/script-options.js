import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/**
 * The options of a script, and how it ends when something is wrong: with one sentence and status 1.
 * --help prints the comment at the script's head.
 */
export function scriptOptions(scriptUrl, options) {
  const path = fileURLToPath(scriptUrl)
  const fail = (text) => {
    process.stderr.write(`${basename(path, '.js')}: ${text}\n`)
    process.exit(1)
  }
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h' } } })
    if (values.help) {
      process.stdout.write(headComment(path))
      process.exit(0)
    }
    return { values, fail }
  } catch (error) {
    return fail(`${error.message}; --help shows what there is`)
  }
}

/** The lines after #! that begin with //, without the slashes. */
function headComment(path) {
  const lines = readFileSync(path, 'utf8').split('\n').slice(1)
  const end = lines.findIndex((line) => !line.startsWith('//'))
  return `${lines
    .slice(0, end)
    .map((line) => line.slice(3))
    .join('\n')}\n`
}

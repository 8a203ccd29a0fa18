import { readFileSync, statSync } from 'node:fs'
import { MillraceError } from '@millrace/base'
import { diskError } from '@millrace/base/node'

const MAX_BYTES = 64 * 1024

/**
 * A secret that stands in a flag, or in a file that the flag names: then its first line.
 * A text that could be no path is the secret itself. Throws a disk error, or `bad_flag` for a file without a first line.
 */
export function secretText(text: string, flag: string): string {
  let size: number
  try {
    const found = statSync(text)
    if (!found.isFile()) return text
    size = found.size
  } catch {
    return text
  }
  if (size > MAX_BYTES) throw new MillraceError('bad_flag', `-${flag} names a file of ${size} bytes: that is no secret`)
  try {
    const line = readFileSync(text, 'utf8').split(/\r?\n/)[0]?.trim() ?? ''
    if (line !== '') return line
  } catch (cause) {
    throw diskError(cause, text)
  }
  throw new MillraceError('bad_flag', `-${flag} names a file whose first line is empty: it must hold the secret`)
}

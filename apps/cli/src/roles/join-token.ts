import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MillraceError } from '@millrace/base'
import { diskError } from '@millrace/base/node'

/** What a worker needs to join an orchestrator. */
export type JoinToken = { readonly uri: string; readonly secret: string }

const PREFIX = 'millrace-join-1.'
const CHECK_LENGTH = 8
const MAX_LENGTH = 8_192

/** One word that holds address and secret; its last letters tell a token that was cut off or mistyped. */
export function encodeJoinToken({ uri, secret }: JoinToken): string {
  const body = Buffer.from(JSON.stringify([uri, secret])).toString('base64url')
  return `${PREFIX}${body}.${check(body)}`
}

/** Reads a token; throws `bad_join_token` that never repeats it, because it holds a secret. */
export function decodeJoinToken(text: string): JoinToken {
  const bad = (why: string) =>
    new MillraceError(
      'bad_join_token',
      `-join is ${why}: copy the whole line that \`millrace orchestrator -printJoinToken\` prints`,
    )
  if (!text.startsWith(PREFIX) || text.length > MAX_LENGTH) throw bad('no join token')
  const [body = '', sum] = text.slice(PREFIX.length).split('.')
  if (sum !== check(body)) throw bad('not whole')
  try {
    const [uri, secret] = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as [unknown, unknown]
    if (typeof uri === 'string' && typeof secret === 'string' && secret !== '' && new URL(uri).protocol === 'https:')
      return { uri, secret }
  } catch {
    // Falls through: whatever stands there is no address with a secret.
  }
  throw bad('no join token')
}

/** The secret of an orchestrator that was given none: made once, and kept in its folder for its owner only. */
export function keptJoinSecret(folder: string): string {
  const path = join(folder, 'join-secret')
  try {
    if (!existsSync(path)) writeNew(path, `${randomBytes(24).toString('base64url')}\n`)
    const secret = readFileSync(path, 'utf8').trim()
    if (secret !== '') return secret
  } catch (cause) {
    throw diskError(cause, path)
  }
  throw new MillraceError('bad_config', `${path} is empty: delete it, and a new secret is made`)
}

/** Another process may write its secret at this very moment: the first one stands. */
function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

const check = (body: string): string => createHash('sha256').update(body).digest('base64url').slice(0, CHECK_LENGTH)

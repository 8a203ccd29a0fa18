import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { MillraceError } from '@millrace/base'
import { diskError } from '@millrace/base/node'
import type { Flags } from '../flags/flags.ts'
import { encodeJoinToken } from './join-token.ts'
import { dataFolderOf } from './node-config.ts'
import { serviceUriOf, workerSecret } from './orchestrator-config.ts'

/** The token of the orchestrator with these flags, whether it runs or not; it is printed only where somebody asks for it. */
export function joinTokenOf(flags: Flags): string {
  if (flags.switch('transcoder') && !flags.isSet('orchSecret'))
    throw new MillraceError('bad_flag', 'an orchestrator with -transcoder takes remote workers only with -orchSecret')
  const folder = join(dataFolderOf(flags), 'nodes', 'orchestrator')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw diskError(cause, folder)
  }
  const onChain = flags.text('network') !== 'offchain'
  const secret = workerSecret(flags, { localWorker: false, folder })
  return encodeJoinToken({ uri: serviceUriOf(flags, onChain), secret: secret! })
}

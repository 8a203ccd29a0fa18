import type { WorkerConfig } from '@millrace/node'
import { nodeId } from '@millrace/wire'
import { badFlag, type Flags } from '../flags/flags.ts'
import { missing } from '../flags/read-flags.ts'
import { serviceUrl } from './addresses.ts'
import { decodeJoinToken, type JoinToken } from './join-token.ts'
import { ladderOf } from './ladder.ts'
import { secretText } from './secret-text.ts'
import { sessions } from './sessions.ts'

/** `local` is true when the orchestrator is one of the same process. */
export function workerConfig(flags: Flags, options: { readonly local: boolean }): WorkerConfig {
  const capacity = sessions(flags)
  return {
    workerId: nodeId('worker'),
    capacity,
    // Only what was asked for: the flag's default is a gateway's.
    ...(capacity === 'auto' && flags.isSet('transcodingOptions') && { ladder: ladderOf(flags) }),
    engine: engineOf(flags),
    preset: flags.text('preset'),
    ...(!options.local && { orchestrator: orchestratorOf(flags) }),
  }
}

/** Whom the worker works for: the join token, with address and secret of the two flags where they are given too. */
export function orchestratorOf(flags: Flags): JoinToken {
  const token = flags.optional('join')
  const joined = token === undefined ? undefined : decodeJoinToken(secretText(token, 'join'))
  const [address, ...more] = flags.list('orchAddr')
  if (more.length > 0) throw badFlag('orchAddr', 'one orchestrator: a worker serves one', flags.text('orchAddr'))
  const secret = flags.optional('orchSecret')
  const uri = address === undefined ? joined?.uri : serviceUrl('orchAddr', address)
  if (uri === undefined)
    throw missing('join', 'a worker needs the join token of an orchestrator, or -orchAddr and -orchSecret')
  const word = secret === undefined ? joined?.secret : secretText(secret, 'orchSecret')
  if (word === undefined)
    throw missing('orchSecret', 'a worker needs the secret of its orchestrator, or its join token in -join')
  return { uri, secret: word }
}

function engineOf(flags: Flags): WorkerConfig['engine'] {
  const text = flags.text('engine')
  if (text === 'auto' || text === 'node-av' || text === 'ffmpeg') return text
  throw badFlag('engine', 'auto, node-av or ffmpeg', text)
}

import { MillraceError } from '@millrace/base'
import { formatLpt } from '@millrace/wire'
import type { Asker } from './ask.ts'
import type { OperatorClient } from './operator-client.ts'
import { readInteger } from './read-values.ts'

export type UnbondingLock = {
  readonly ID: number
  readonly Amount: number | bigint
  readonly WithdrawRound: number
}

/** Has one of the locks chosen; throws `no_locks` where there is none. */
export async function chooseLock(
  client: OperatorClient,
  ask: Asker,
  options: { readonly given: string | undefined; readonly withdrawable: boolean },
): Promise<UnbondingLock> {
  const locks = await client.json<readonly UnbondingLock[]>('/unbondingLocks', {
    withdrawable: options.withdrawable ? 'true' : undefined,
  })
  if (locks.length === 0) {
    const what = options.withdrawable ? 'no stake can be withdrawn yet' : 'no stake was taken out'
    throw new MillraceError('no_locks', `${what}: see millrace status`)
  }
  const list = locks.map((lock) => `${lock.ID} (${formatLpt(BigInt(lock.Amount))})`).join(', ')
  const question = { name: '--lock', text: `Which lock? There are ${list}.` }
  return ask.value(
    options.given,
    locks.length === 1 ? { ...question, usual: String(locks[0]!.ID) } : question,
    (text) => {
      const id = readInteger(text)
      const lock = locks.find(({ ID }) => BigInt(ID) === id)
      if (!lock) throw new MillraceError('no_locks', `there is no such lock ${id}: there are ${list}`)
      return lock
    },
  )
}

import { MillraceError } from '@millrace/base'
import { type Flag, foldName, type Role } from './flag.ts'
import { aiFlags } from './table/ai.ts'
import { certificateFlags } from './table/certificates.ts'
import { chainFlags } from './table/chain.ts'
import { distributionFlags } from './table/distribution.ts'
import { generalFlags } from './table/general.ts'
import { networkFlags } from './table/network.ts'
import { paymentFlags } from './table/payments.ts'
import { selectionFlags } from './table/selection.ts'
import { serviceFlags } from './table/services.ts'
import { transcodingFlags } from './table/transcoding.ts'
import { webRtcFlags } from './table/webrtc.ts'

const TABLE = [
  ...generalFlags,
  ...networkFlags,
  ...chainFlags,
  ...transcodingFlags,
  ...selectionFlags,
  ...paymentFlags,
  ...serviceFlags,
  ...certificateFlags,
  ...webRtcFlags,
  ...distributionFlags,
  ...aiFlags,
] as const

export type FlagName = (typeof TABLE)[number]['name']

/** Every flag of the role commands, in the order in which help and documentation show them. */
export const FLAGS: readonly Flag<FlagName>[] = TABLE

const BY_NAME: ReadonlyMap<string, Flag<FlagName>> = new Map(
  FLAGS.flatMap((flag) => [flag.name, ...(flag.aliases ?? [])].map((name) => [foldName(name), flag])),
)

/** The flag of that name in any spelling; undefined when there is none. */
export const findFlag = (name: string): Flag<FlagName> | undefined => BY_NAME.get(foldName(name))

export const flagNamed = (name: FlagName): Flag<FlagName> => BY_NAME.get(foldName(name))!

/** The error `unknown_flag` with the nearest name; `where` says who named it. */
export function unknownFlag(name: string, where = 'there is no flag'): MillraceError {
  const wanted = foldName(name)
  const [nearest] = FLAGS.flatMap((flag) => [flag.name, ...(flag.aliases ?? [])])
    .map((candidate) => ({ candidate, distance: editDistance(wanted, foldName(candidate)) }))
    .sort((a, b) => a.distance - b.distance)
  const near = nearest && nearest.distance <= Math.max(2, Math.floor(wanted.length / 3))
  return new MillraceError(
    'unknown_flag',
    `${where} -${name.slice(0, 64)}${near ? `; did you mean -${nearest.candidate}?` : '; see -help'}`,
  )
}

/** Flags that one of the roles reads. */
export const flagsOf = (roles: readonly Role[]): readonly Flag<FlagName>[] =>
  FLAGS.filter((flag) => flag.roles.some((role) => roles.includes(role)))

/** How many letters must be changed, added or left out (Levenshtein). */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return row[b.length]!
}

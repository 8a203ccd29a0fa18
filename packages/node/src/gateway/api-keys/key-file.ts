import { createHash } from 'node:crypto'
import { MillraceError } from '@millrace/base'
import { z } from 'zod'

/** One key as the file has it; the key itself is held as its hash only. */
export type KeyEntry = {
  readonly name: string
  /** SHA-256 of the key. */
  readonly hash: Buffer
  readonly requestsPerMinute: number | undefined
  readonly weiPerDay: bigint | undefined
}

const schema = z
  .array(
    z
      .strictObject({
        name: z.string().min(1).max(100),
        key: z.string().min(16).max(512).optional(),
        sha256: z
          .string()
          .regex(/^[0-9a-f]{64}$/i)
          .optional(),
        requestsPerMinute: z.number().int().positive().max(1_000_000).optional(),
        weiPerDay: z
          .string()
          .regex(/^\d{1,30}$/)
          .optional(),
      })
      .refine(({ key, sha256 }) => (key === undefined) !== (sha256 === undefined), 'either key or sha256'),
  )
  .max(10_000)

/** Reads a file of keys; throws `bad_api_keys`, which repeats no key. */
export function parseApiKeys(text: string): readonly KeyEntry[] {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw bad('it is no JSON')
  }
  const read = schema.safeParse(json)
  if (!read.success) {
    const [issue] = read.error.issues
    throw bad(`entry ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong'}`)
  }
  const entries = read.data.map(({ name, key, sha256, requestsPerMinute, weiPerDay }) => ({
    name,
    hash: key === undefined ? Buffer.from(sha256 as string, 'hex') : createHash('sha256').update(key).digest(),
    requestsPerMinute,
    weiPerDay: weiPerDay === undefined ? undefined : BigInt(weiPerDay),
  }))
  for (const field of ['name', 'hash'] as const)
    if (new Set(entries.map((entry) => String(entry[field]))).size < entries.length)
      throw bad(`two entries have the same ${field}`)
  return entries
}

const bad = (why: string): MillraceError =>
  new MillraceError(
    'bad_api_keys',
    `the file of -aiKeys cannot be used: ${why}; expected [{"name", "key" of at least 16 letters or its "sha256", "requestsPerMinute"?, "weiPerDay"? as text}]`,
  )

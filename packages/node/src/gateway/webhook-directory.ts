import { type Clock, errorText, type Log, MillraceError } from '@millrace/base'
import { z } from 'zod'
import { fetchJson } from '../links/http/fetch-json.ts'
import type { SignerLink } from '../links/signer-link.ts'
import { type DirectoryEntry, type OrchestratorDirectory, orchestratorUri } from './directory.ts'

const TIMEOUT_MS = 3_000
const MAX_BYTES = 1 << 20
const REFRESH_MS = 60_000
/** While there is no list at all, a minute would be long to wait. */
const FIRST_REFRESH_MS = 5_000
const MAX_ENTRIES = 10_000

const TRUSTED_SCORE = 1

const answer = z.array(z.object({ address: z.string(), score: z.number().optional() })).max(MAX_ENTRIES)

type Deps = { readonly clock: Clock; readonly log: Log }

/** -orchWebhookUrl: a list `[{"address":"https://host:port","score":1.0}]` that the operator serves (wire spec 2.4). */
export const webhookDirectory = (options: { readonly url: string }, deps: Deps): OrchestratorDirectory =>
  askedDirectory(
    '-orchWebhookUrl',
    async () => {
      const list = await fetchJson(options.url, { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES })
      const parsed = answer.safeParse(list)
      if (!parsed.success) throw new MillraceError('bad_webhook_answer', 'it is not a list of {"address","score"}')
      return parsed.data.map(({ address, score = 0 }) => ({ address, trusted: score >= TRUSTED_SCORE }))
    },
    deps,
  )

/** The orchestrators that a remote signer finds; not every signer does. */
export const signerDirectory = (link: Pick<SignerLink, 'discover'>, deps: Deps): OrchestratorDirectory =>
  askedDirectory(
    '-remoteSignerUrl',
    async () => (await link.discover([])).map(({ address }) => ({ address, trusted: false })),
    deps,
  )

/** A list that somebody is asked for, at most once a minute; while it cannot be read the list before holds. */
function askedDirectory(
  flag: string,
  ask: () => Promise<readonly { readonly address: string; readonly trusted: boolean }[]>,
  deps: Deps,
): OrchestratorDirectory {
  const { clock, log } = deps
  let entries: readonly DirectoryEntry[] | undefined
  let readAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined
  let lastError: unknown

  const read = async () => {
    readAt = clock.elapsed()
    try {
      entries = (await ask()).flatMap(({ address, trusted }) => {
        const serviceUri = orchestratorUri(address)
        return serviceUri === undefined
          ? []
          : [{ serviceUri, address: undefined, stakeLpt: 0n, ...(trusted && { trusted }) }]
      })
      lastError = undefined
    } catch (error) {
      lastError = error
      // The address may hold a secret of the operator, so it is not told.
      log.warn(`${flag} gave no list of orchestrators`, { error: errorText(error), kept: entries?.length ?? 0 })
    }
  }
  return {
    find: async () => {
      if (!reading && clock.elapsed() - readAt >= (entries ? REFRESH_MS : FIRST_REFRESH_MS))
        reading = read().finally(() => {
          reading = undefined
        })
      // Once there is a list nobody waits for the next one.
      if (!entries) await reading
      if (!entries)
        throw new MillraceError(
          'no_orchestrators',
          `${flag} gave no list of orchestrators yet: ${errorText(lastError)}`,
          { cause: lastError, retryable: true },
        )
      return entries
    },
  }
}

import type { IncomingHttpHeaders } from 'node:http'
import type { SearchLimits } from './token-search.ts'

const SEARCH_MS = 1_000
const ANSWER_MS = 500
const LONGEST_MS = 10_000
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 }

/** How long a search for orchestrators may take: what the client says, in Go's way of writing it, within bounds. */
export const searchLimits = (headers: IncomingHttpHeaders): SearchLimits => ({
  searchMs: durationMs(headers['livepeer-orch-search-timeout']) ?? SEARCH_MS,
  answerMs: durationMs(headers['livepeer-orch-search-resp-timeout']) ?? ANSWER_MS,
})

/** `1.5s` and `200ms`; undefined for what is none of the kind. */
function durationMs(text: string | string[] | undefined): number | undefined {
  const [, digits, unit] = (typeof text === 'string' && /^(\d{1,6}(?:\.\d{1,3})?)(ms|s|m)$/.exec(text)) || []
  if (digits === undefined || unit === undefined) return undefined
  return Math.min(LONGEST_MS, Math.max(1, Number(digits) * (UNIT_MS[unit] ?? 1)))
}

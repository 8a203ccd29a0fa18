import { errorText, hasCode, type Log, MillraceError } from '@millrace/base'
import { isManifestId, type ManifestId, parseJsonProfiles, presetProfiles, type VideoProfile } from '@millrace/wire'
import { z } from 'zod'
import { fetchJson } from '../links/http/fetch-json.ts'

const TIMEOUT_MS = 10_000
const MAX_BYTES = 1 << 20

const nullable = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? undefined)
const reply = z.object({
  manifestID: z.string(),
  streamID: nullable(z.string()),
  sessionID: nullable(z.string()),
  streamKey: nullable(z.string()),
  presets: nullable(z.array(z.string()).max(100)),
  profiles: nullable(z.array(z.unknown()).max(100)),
  objectStore: nullable(z.string()),
  recordObjectStore: nullable(z.string()),
  verificationFreq: nullable(z.number().int().min(0)),
  timeoutMultiplier: nullable(z.number().int()),
  forceSessionReinit: nullable(z.boolean()),
})

/** What the operator's webhook says of a stream that may begin. */
export type StreamGrant = {
  /** The name it gets; undefined leaves it the publisher's. */
  readonly manifestId: ManifestId | undefined
  /** Undefined means the gateway's own; an empty ladder means that the source is only shown. */
  readonly ladder: readonly VideoProfile[] | undefined
  /** One result in so many is compared with its source; undefined means as many as the gateway says. */
  readonly compareOneIn?: number | undefined
  /** Fast verification: one segment in so many of a verified orchestrator is compared with a trusted one's; undefined for none. */
  readonly verificationFreq?: number | undefined
}

/** -authWebhookUrl: is asked with `{"url":…}` whether a stream may begin, under what name and with what profiles (wire spec 6.4). */
export class AuthWebhook {
  readonly #url: string
  readonly #log: Log

  constructor(options: { readonly url: string }, deps: { readonly log: Log }) {
    this.#url = options.url
    this.#log = deps.log
  }

  /** Throws `stream_refused` when the webhook says no, or says nothing that can be read. */
  async ask(streamUrl: string): Promise<StreamGrant> {
    let answer: unknown
    try {
      answer = await fetchJson(this.#url, { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, body: { url: streamUrl } })
    } catch (cause) {
      // What the webhook answers may hold secrets; its own fault is for the operator, not for the publisher.
      if (!hasCode(cause, 'webhook_refused')) this.#log.warn('-authWebhookUrl failed', { error: errorText(cause) })
      throw refused('the stream was refused', cause)
    }
    if (answer === undefined) return { manifestId: undefined, ladder: undefined }
    const parsed = reply.safeParse(answer)
    if (!parsed.success || !isManifestId(parsed.data.manifestID)) {
      this.#log.warn('-authWebhookUrl gave an answer without a usable manifestID')
      throw refused('the stream was refused', parsed.error)
    }
    const { objectStore, recordObjectStore, verificationFreq, timeoutMultiplier, forceSessionReinit } = parsed.data
    // A recording that silently does not happen would be noticed when it is wanted.
    if (objectStore || recordObjectStore)
      throw refused(
        'the webhook names an object store, which this gateway takes from -objectStore and -recordStore only: leave it out',
      )
    if ((timeoutMultiplier ?? 0) > 1 || forceSessionReinit)
      this.#log.warn('-authWebhookUrl set fields without effect here', {
        fields: 'timeoutMultiplier or forceSessionReinit',
      })
    return {
      manifestId: parsed.data.manifestID as ManifestId,
      ladder: ladderOf(parsed.data),
      // 0 is what go-livepeer's own webhooks send for "as you like".
      compareOneIn: verificationFreq || undefined,
      verificationFreq: verificationFreq || undefined,
    }
  }
}

function ladderOf({ presets, profiles }: z.infer<typeof reply>): readonly VideoProfile[] | undefined {
  if (presets === undefined && profiles === undefined) return undefined
  try {
    return [...presetProfiles(presets ?? []), ...parseJsonProfiles(profiles ?? [])]
  } catch (cause) {
    throw refused(`the webhook's profiles cannot be used: ${errorText(cause)}`, cause)
  }
}

const refused = (text: string, cause?: unknown): MillraceError => new MillraceError('stream_refused', text, { cause })

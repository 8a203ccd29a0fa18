import { errorText, hasCode, type Log, MillraceError } from '@millrace/base'
import { checkPushUrl } from '@millrace/media'
import { z } from 'zod'
import { fetchJson } from '../../links/http/fetch-json.ts'
import { type LiveAiWish, paramsOf } from './live-ai-request.ts'

/** What the service is told of a stream that would begin (ai spec 8.2). */
export type LiveAiApplicant = {
  readonly name: string
  readonly type: 'rtmp' | 'whip' | 'livepeer-whip'
  readonly query: string
  readonly gatewayHost: string
  readonly whepUrl: string
  readonly statusUrl: string
  readonly updateUrl: string
}

const TIMEOUT_MS = 10_000
const MAX_BYTES = 1 << 20

const text = z
  .string()
  .max(2_000)
  .nullish()
  .transform((value) => value || undefined)
const reply = z.object({
  rtmp_output_url: text,
  pipeline: text,
  pipeline_id: text,
  stream_id: text,
  pipeline_parameters: z.unknown().optional(),
})

/** -liveAIAuthWebhookUrl: says which live AI streams may begin, and may say what is done with them. */
export class LiveAiAuth {
  readonly #url: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #log: Log

  constructor(options: { readonly url: string; readonly apiKey?: string | undefined }, deps: { readonly log: Log }) {
    const { url, apiKey } = options
    this.#url = url
    this.#headers = apiKey === undefined ? {} : { 'x-api-key': apiKey, authorization: apiKey }
    this.#log = deps.log
  }

  /** What is to be done with the stream; throws `stream_refused` when it may not begin, or the answer cannot be read. */
  async ask(applicant: LiveAiApplicant, wish: LiveAiWish): Promise<LiveAiWish & { readonly outputIsTrusted: boolean }> {
    const { name, type, query, gatewayHost, whepUrl, statusUrl, updateUrl } = applicant
    const body = {
      ...{ stream: name, stream_key: name, type, query_params: query, gateway_host: gatewayHost },
      ...{ whep_url: whepUrl, status_url: statusUrl, update_url: updateUrl },
    }
    try {
      const sent = { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, body, headers: this.#headers }
      const said = reply.parse((await fetchJson(this.#url, sent)) ?? {})
      if (said.rtmp_output_url !== undefined) checkPushUrl(said.rtmp_output_url)
      const pipeline = said.pipeline ?? wish.pipeline
      const params = parametersOf(said.pipeline_parameters)
      return {
        ...wish,
        pipeline,
        params: Object.keys(params).length === 0 ? wish.params : wrapped(pipeline, params),
        streamId: said.stream_id ?? wish.streamId,
        rtmpOutput: said.rtmp_output_url ?? wish.rtmpOutput,
        outputIsTrusted: said.rtmp_output_url !== undefined,
      }
    } catch (cause) {
      // What the service answers may hold secrets; its own fault is for the operator, not for the publisher.
      if (!hasCode(cause, 'webhook_refused'))
        this.#log.warn('-liveAIAuthWebhookUrl failed', { error: errorText(cause) })
      throw new MillraceError('stream_refused', 'the stream was refused', { cause })
    }
  }
}

const parametersOf = (value: unknown): Readonly<Record<string, unknown>> => {
  if (value === undefined || value === null) return {}
  return typeof value === 'string' ? paramsOf(value) : paramsOf(JSON.stringify(value))
}

/** ComfyUI's runner takes a workflow as its prompt. */
const wrapped = (pipeline: string, params: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  pipeline === 'comfyui' && !('prompt' in params) ? { prompt: params } : params

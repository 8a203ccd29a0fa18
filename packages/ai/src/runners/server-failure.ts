import { MillraceError } from '@millrace/base'
import { AiError, type AiErrorCode } from '../ai-error.ts'

const MAX_TEXT = 500

const CODES: Readonly<Record<number, AiErrorCode>> = {
  400: 'ai_bad_request',
  408: 'ai_timed_out',
  413: 'ai_too_large',
  415: 'ai_media_type',
  422: 'ai_bad_request',
  429: 'ai_no_capacity',
  503: 'ai_no_capacity',
  504: 'ai_timed_out',
}

/**
 * What a server's refusal means. 400, 413, 415 and 422 are the request's fault: nobody else would do better.
 * The text is the server's own where it has one, whatever shape it comes in; `meta.status` is its status.
 */
export function failureOf(status: number, body: string, what: string): AiError {
  const code = CODES[status] ?? 'ai_runner_failed'
  const said = textOf(body)
  const meta = { status }
  if (code === 'ai_no_capacity')
    return new AiError(code, `insufficient capacity: ${what} is busy or loading${said && `: ${said}`}`, {
      meta,
      retryable: true,
    })
  if (status === 401 || status === 403)
    return new AiError(code, `${what} does not take our token (${status}): check the token of its entry`, { meta })
  if (code === 'ai_runner_failed' || code === 'ai_timed_out')
    return new AiError(code, `${what} failed (${status})${said && `: ${said}`}`, { meta, retryable: true })
  return new AiError(code, said || `${what} refused the request (${status})`, { meta })
}

/** The sentence in the body of an error: FastAPI's, OpenAI's, ComfyUI's, or plain text. */
function textOf(body: string): string {
  const read = parsed(body)
  const text = read === undefined ? body : (sentence(read) ?? '')
  // Pages for browsers say nothing that fits into a sentence.
  return /^\s*</.test(text) ? '' : text.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_TEXT)
}

function sentence(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'string') return value || undefined
  if (typeof value !== 'object' || value === null || depth > 4) return undefined
  if (Array.isArray(value)) {
    const texts = value.slice(0, 5).map((item) => sentence(item, depth + 1))
    return texts.filter((text) => text !== undefined).join('; ') || undefined
  }
  const of = value as Readonly<Record<string, unknown>>
  if (typeof of.msg === 'string') return Array.isArray(of.loc) ? `${of.loc.slice(1).join('.')}: ${of.msg}` : of.msg
  for (const key of ['detail', 'error', 'message', 'details']) {
    const text = sentence(of[key], depth + 1)
    if (text !== undefined) return text
  }
  return undefined
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** A pipeline was given to an adapter that cannot serve it. */
export const noAdapter = (adapter: string, pipeline: string, pipelines: readonly string[]): MillraceError =>
  new MillraceError('ai_models_invalid', `the adapter ${adapter} serves ${pipelines.join(', ')}, not ${pipeline}`)

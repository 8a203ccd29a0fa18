import type { IncomingMessage } from 'node:http'
import { errorText, MillraceError } from '@millrace/base'
import { readBody } from '../../links/http/read-body.ts'
import type { SecureClient } from '../../links/http/secure-fetch.ts'
import { refusalOf } from './ai-purchase.ts'

const MAX_EVENT_CHARACTERS = 1_000_000
const MAX_BYTES = 50_000_000

type Chunk = Readonly<Record<string, unknown>>

/**
 * Posts a job whose answer comes as server-sent events and hands each on; resolves with the last one when the orchestrator says `[DONE]`,
 * a chunk says why it is the last, or the answer ends after at least one.
 */
export async function receiveChunks(
  url: string,
  sent: {
    readonly headers: Readonly<Record<string, string>>
    readonly body: Uint8Array
    readonly timeoutMs: number
    readonly signal: AbortSignal
    readonly onChunk: (chunk: Chunk) => void
  },
  http: SecureClient,
): Promise<Chunk> {
  const signal = AbortSignal.any([sent.signal, AbortSignal.timeout(sent.timeoutMs)])
  const outgoing = http.request(url, {
    method: 'POST',
    headers: { ...sent.headers, accept: 'text/event-stream', 'content-length': String(sent.body.length) },
  })
  const stop = () => outgoing.destroy(signal.reason as Error)
  signal.addEventListener('abort', stop, { once: true })
  try {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once('response', resolve)
      outgoing.once('error', (cause) =>
        reject(
          signal.aborted
            ? signal.reason
            : new MillraceError('peer_unreachable', errorText(cause), { cause, retryable: true }),
        ),
      )
      outgoing.end(sent.body)
    })
    if (answer.statusCode !== 200) {
      const body = await readBody(answer, { maxBytes: 10_000, timeoutMs: 5_000, signal })
      throw refusalOf({ status: answer.statusCode ?? 0, body })
    }
    return await readChunks(answer, sent.onChunk)
  } finally {
    signal.removeEventListener('abort', stop)
    outgoing.destroy()
  }
}

async function readChunks(answer: IncomingMessage, onChunk: (chunk: Chunk) => void): Promise<Chunk> {
  let last: Chunk | undefined
  let text = ''
  let bytes = 0
  answer.setEncoding('utf8')
  for await (const part of answer as AsyncIterable<string>) {
    text += part
    bytes += part.length
    if (bytes > MAX_BYTES || text.length > MAX_EVENT_CHARACTERS)
      throw new MillraceError('ai_runner_failed', 'the answer of the orchestrator is too long')
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const line = text.slice(0, end).trim()
      text = text.slice(end + 1)
      if (!line.startsWith('data:')) continue
      const data = line.slice(5).trim()
      if (data === '[DONE]') {
        if (last) return last
        throw new MillraceError('ai_runner_failed', 'the orchestrator answered nothing')
      }
      last = chunkOf(data)
      onChunk(last)
      if (finished(last)) return last
    }
  }
  if (!last) throw new MillraceError('ai_runner_failed', 'the answer of the orchestrator broke off')
  return last
}

function chunkOf(data: string): Chunk {
  try {
    const value: unknown = JSON.parse(data)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Chunk
  } catch (cause) {
    throw new MillraceError('ai_runner_failed', 'the orchestrator sent a chunk that is no JSON', { cause })
  }
  throw new MillraceError('ai_runner_failed', 'the orchestrator sent a chunk that is no JSON object')
}

/** go-livepeer ends an answer with the first chunk that says why it ends. */
const finished = ({ choices }: Chunk): boolean =>
  Array.isArray(choices) &&
  choices.some((choice) => typeof choice?.finish_reason === 'string' && choice.finish_reason !== '')

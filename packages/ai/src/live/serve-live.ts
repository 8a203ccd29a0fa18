import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AiError } from '../ai-error.ts'
import type { ModelDescription } from '../runners/model-description.ts'
import { receiveBody } from '../runners/receive-body.ts'
import { MAX_LIVE_REQUEST_BYTES, readRunnerLiveRequest } from './live-messages-json.ts'
import type { LivePool } from './live-pool.ts'

/**
 * Begins a stream as a container of ai-runner does (`POST /live-video-to-video`), and answers what one answers.
 * A request without a model goes to the first one. Throws AiErrors.
 */
export async function serveLive(
  request: IncomingMessage,
  response: ServerResponse,
  pool: Pick<LivePool, 'open' | 'describe'>,
): Promise<Readonly<Record<string, unknown>>> {
  const gone = new AbortController()
  response.once('close', () => gone.abort(new AiError('ai_timed_out', 'the client went away')))
  const { signal } = gone
  const body = await receiveBody(request, { maxBytes: MAX_LIVE_REQUEST_BYTES, signal })
  const asked = readRunnerLiveRequest(parsed(body))
  const offered = pool.describe()
  const modelId = asked.modelId || offered[0]?.modelId || ''
  if (!offered.some((model) => model.modelId === modelId))
    throw new AiError('ai_bad_request', `this runner has ${offered[0]?.modelId} for live video, not ${modelId}`)
  const requestId = asked.request.requestId || randomBytes(8).toString('hex')
  // Orchestrators' certificates are their own.
  await pool.open(modelId, { ...asked.request, requestId, anyCertificate: true }, { signal })
  const { subscribeUrl, publishUrl, controlUrl = '', eventsUrl = '', manifestId = '' } = asked.request
  return {
    ...{ subscribe_url: subscribeUrl, publish_url: publishUrl, control_url: controlUrl, events_url: eventsUrl },
    ...{ request_id: requestId, manifest_id: manifestId },
  }
}

/** What a worker of live models alone says: upstream takes IDLE for a container that has nothing to do, and gives it the next stream. */
export function liveStatus(models: readonly ModelDescription[]): 'OK' | 'IDLE' | 'LOADING' | 'ERROR' {
  if (models.some(({ inUse }) => inUse > 0)) return 'OK'
  if (models.some(({ state }) => state === 'ready' || state === 'cold')) return 'IDLE'
  return models.some(({ state }) => state === 'loading' || state === 'away') ? 'LOADING' : 'ERROR'
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'))
  } catch (cause) {
    throw new AiError('ai_bad_request', 'the body is not JSON', { cause })
  }
}

import { JOB_HEADER } from '@millrace/ai'
import { HEADER } from '@millrace/wire'
import type { ByocService, ByocStreamService, WorkerAnswer } from '../byoc-links.ts'
import { isRefusal } from '../orchestrator-service.ts'
import { sayBytes, sayError, sayText, untilGone } from './byoc-answers.ts'
import { BALANCE_HEADER } from './byoc-request.ts'
import type { Door, DoorRequest, DoorResponse } from './door.ts'
import { headerOf } from './orchestrator-server.ts'
import { readBody } from './read-body.ts'

const PREFIX = '/ai/stream/'
const MAX_BODY_BYTES = 10_000_000
const BODY_TIMEOUT_MS = 30_000
const ACTIONS = ['start', 'stop', 'update', 'payment'] as const
type Action = (typeof ACTIONS)[number]

/** Where gateways begin, change, pay and end streams of capabilities at the orchestrator's port. */
export const byocStreamDoor = (deps: {
  readonly service: Pick<ByocService, 'admit'>
  readonly streams: ByocStreamService
}): Door => {
  const serve = async (request: DoorRequest, response: DoorResponse, action: Action, stopping: AbortSignal) => {
    try {
      if (request.method !== 'POST') {
        response.setHeader('allow', 'POST')
        request.resume()
        return sayText(response, 405, 'Method not allowed')
      }
      const headers = { job: headerOf(request, JOB_HEADER), payment: headerOf(request, HEADER.payment) }
      const isStart = action === 'start'
      const job = await deps.service.admit(headers, { reserve: isStart, paid: isStart || action === 'update' })
      if (isRefusal(job)) {
        request.resume()
        const unpaid = isStart && job.text.startsWith('Insufficient balance')
        return sayText(response, unpaid ? 402 : job.status, job.text)
      }
      if (action === 'payment') {
        request.resume()
        return sayBytes(response, 200, new Uint8Array(0), { [BALANCE_HEADER]: job.balance(0) })
      }
      const signal = untilGone(response, stopping)
      let body: Uint8Array
      try {
        body = await readBody(request, { maxBytes: MAX_BODY_BYTES, timeoutMs: BODY_TIMEOUT_MS, signal })
      } catch (error) {
        job.release()
        throw error
      }
      const answer: WorkerAnswer = await deps.streams[`${action}Stream`](job, body, { signal })
      sayBytes(response, answer.status, answer.body, {
        ...answer.headers,
        ...(answer.contentType !== undefined && { 'content-type': answer.contentType }),
        [BALANCE_HEADER]: job.balance(0),
      })
    } catch (error) {
      sayError(request, response, error)
    }
  }
  return (request, response, { path, signal }) => {
    const action = path.startsWith(PREFIX) && ACTIONS.find((one) => path === `${PREFIX}${one}`)
    return action ? serve(request, response, action, signal) : undefined
  }
}

import type { IncomingMessage } from 'node:http'
import { ComputeError } from '@millrace/ai'
import { errorText, hasCode, type Log } from '@millrace/base'
import type { ByocJob } from '../byoc-links.ts'
import { sayBytes, sayText, untilGone, writeOn } from './byoc-answers.ts'
import type { DoorRequest, DoorResponse } from './door.ts'
import { readBody } from './read-body.ts'
import { callWorker, workerUrl } from './worker-call.ts'

export const BALANCE_HEADER = 'Livepeer-Balance'
export const METADATA_HEADER = 'X-Metadata'

export const MAX_JOB_BYTES = 50_000_000
const MAX_ANSWER_BYTES = 100_000_000
const MAX_LINE = 1 << 20
const BODY_TIMEOUT_MS = 60_000
/** How often what streams is paid for. */
const PERIOD_SECONDS = 5

/** Hands a request on to the app of a capability and its answer back; debits the time that the app took where it did the work. */
export async function forwardJob(
  request: DoorRequest,
  response: DoorResponse,
  job: ByocJob,
  call: {
    readonly route: string
    readonly search: string
    readonly stopping: AbortSignal
    readonly log: Log
    /** How often what streams is paid for, in seconds. Default 5. */
    readonly periodSeconds?: number
  },
): Promise<void> {
  const signal = untilGone(response, call.stopping)
  const url = workerUrl(job.url, call.route, call.search)
  const timeoutMs = Math.min(BODY_TIMEOUT_MS, job.timeoutMs)
  const body = await readBody(request, { maxBytes: MAX_JOB_BYTES, timeoutMs, signal })
  const began = performance.now()
  const deadline = AbortSignal.timeout(job.timeoutMs)
  let answer: IncomingMessage
  try {
    answer = await callWorker(url, {
      headers: workerHeaders(job, request),
      body,
      timeoutMs: job.timeoutMs,
      signal,
    })
  } catch (error) {
    if (signal.aborted) return void response.destroy()
    if (hasCode(error, 'compute_unreachable')) job.removeCapability(errorText(error))
    const isLate = hasCode(error, 'compute_timed_out')
    return failed(response, job, `job not able to be processed err=${errorText(error)}`, isLate ? 504 : 500)
  }
  try {
    const status = answer.statusCode ?? 500
    if (status === 401) {
      job.removeCapability('it refused its token')
      return failed(response, job, 'job not able to be processed, removing capability err=worker auth token failed')
    }
    if (status >= 300 && status < 400 && status !== 304)
      return failed(response, job, 'job not able to be processed err=the app redirects, which is not followed')
    if (isEvents(answer) && status < 300)
      return await forwardEvents(answer, response, job, {
        began,
        deadline,
        signal,
        period: call.periodSeconds ?? PERIOD_SECONDS,
      })
    const bytes = await readBody(answer, {
      maxBytes: MAX_ANSWER_BYTES,
      timeoutMs: Math.max(1, job.timeoutMs - (performance.now() - began)),
      signal,
    })
    const tookMs = performance.now() - began
    if (status < 400) {
      job.charge(tookMs / 1_000)
      job.sold(tookMs)
    }
    sayBytes(response, status, bytes, { ...answerHeaders(answer), [BALANCE_HEADER]: job.balance(0) })
  } catch (error) {
    if (signal.aborted) return void response.destroy()
    call.log.info('the answer of an app broke off', { capability: job.capability, error: errorText(error) })
    const isLate = hasCode(error, 'body_timeout')
    failed(response, job, `job not able to be processed err=${errorText(error)}`, isLate ? 504 : 500)
  } finally {
    answer.destroy()
  }
}

/** Lines as they come, with the account looked at every five seconds; before the last event stands what is left in it. */
async function forwardEvents(
  answer: IncomingMessage,
  response: DoorResponse,
  job: ByocJob,
  call: {
    readonly began: number
    readonly deadline: AbortSignal
    readonly signal: AbortSignal
    readonly period: number
  },
): Promise<void> {
  response.writeHead(200, {
    ...answerHeaders(answer),
    'cache-control': 'no-cache',
    [BALANCE_HEADER]: job.balance(0),
  })
  let charged = 0
  let ended: 'unpaid' | 'late' | undefined
  const watch = setInterval(() => {
    charged += call.period
    if (job.charge(call.period)) return
    ended = 'unpaid'
    answer.destroy()
  }, call.period * 1_000)
  const onDeadline = () => {
    ended = 'late'
    answer.destroy()
  }
  const onGone = () => void answer.destroy()
  call.deadline.addEventListener('abort', onDeadline, { once: true })
  call.signal.addEventListener('abort', onGone, { once: true })
  const settle = () => {
    clearInterval(watch)
    const tookMs = performance.now() - call.began
    job.charge(tookMs / 1_000 - charged)
    job.sold(tookMs)
  }
  const balance = () => `data: {"balance": ${job.balance(3)}}\n\n`
  try {
    for await (const line of linesOf(answer)) {
      const isLast = line.includes('[DONE]')
      if (isLast) settle()
      await writeOn(response, isLast ? `${balance()}${line}\n\n` : `${line}\n`)
      if (isLast) return void response.end()
    }
    settle()
    response.end(balance())
  } catch {
    clearInterval(watch)
    if (call.signal.aborted) return void response.destroy()
    if (ended === 'unpaid')
      return void response.end('event: insufficient balance\ndata: {"balance": 0}\n\ndata: [DONE]\n\n')
    if (ended === 'late') {
      settle()
      return void response.end(`${balance()}data: [DONE]\n\n`)
    }
    // The app broke off in the middle: whoever reads sees it, and what was not delivered is not paid for.
    response.destroy()
  } finally {
    clearInterval(watch)
    call.deadline.removeEventListener('abort', onDeadline)
    call.signal.removeEventListener('abort', onGone)
  }
}

/** Lines without their ends; throws when one is longer than a line of events ever is, or when the connection breaks. */
async function* linesOf(answer: IncomingMessage): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_LINE) throw new ComputeError('compute_too_large', 'a line of the app is too long')
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line
  }
  // Node ends the loop without an error where an answer without a length is cut off.
  if (!answer.complete) throw new ComputeError('compute_unreachable', 'the app broke off')
  if (rest !== '') yield rest
}

export function workerHeaders(job: Pick<ByocJob, 'token'>, request: DoorRequest): Record<string, string> {
  const type = request.headers['content-type']
  return {
    ...(type !== undefined && { 'content-type': type }),
    ...(job.token !== undefined && { authorization: `Bearer ${job.token}` }),
  }
}

function answerHeaders(answer: IncomingMessage): Record<string, string> {
  const type = answer.headers['content-type']
  const metadata = answer.headers['x-metadata']
  return {
    ...(type !== undefined && { 'content-type': type }),
    ...(typeof metadata === 'string' && { [METADATA_HEADER]: metadata }),
  }
}

const isEvents = (answer: IncomingMessage): boolean =>
  (answer.headers['content-type'] ?? '').toLowerCase().includes('text/event-stream')

const failed = (response: DoorResponse, job: ByocJob, text: string, status = 500): void =>
  response.headersSent ? void response.destroy() : sayText(response, status, text, { [BALANCE_HEADER]: job.balance(0) })

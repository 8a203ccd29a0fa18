import { type IncomingMessage, request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import { ComputeError } from '@millrace/ai'
import { errorText } from '@millrace/base'

export type WorkerCall = {
  readonly method?: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array | undefined
  /** Until the head of the answer must be there. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * Asks an app that an operator named, and resolves with the head of its answer. Redirects are not followed.
 * Throws `compute_unreachable` or `compute_timed_out`, or the reason of the signal. Who stops reading must destroy the answer.
 */
export function callWorker(url: string, call: WorkerCall): Promise<IncomingMessage> {
  const { method = 'POST', headers, body, timeoutMs, signal } = call
  const target = new URL(url)
  return new Promise((resolve, reject) => {
    const send = target.protocol === 'https:' ? secureRequest : plainRequest
    const length = body ? { 'content-length': String(body.length) } : {}
    const outgoing = send(target, { method, headers: { ...headers, ...length }, agent: false, signal })
    const timer = setTimeout(
      () => outgoing.destroy(new ComputeError('compute_timed_out', `the app did not answer within ${timeoutMs} ms`)),
      timeoutMs,
    )
    outgoing.on('error', (cause) => {
      clearTimeout(timer)
      if (signal.aborted) return reject(signal.reason)
      if (cause instanceof ComputeError) return reject(cause)
      // The address of the app is the operator's business.
      const why = errorText(cause).replaceAll(target.host, 'the app').replaceAll(target.hostname, 'the app')
      reject(new ComputeError('compute_unreachable', `the app cannot be reached: ${why}`, { cause, retryable: true }))
    })
    outgoing.on('response', (answer) => {
      clearTimeout(timer)
      // Who reads it sees that it broke off; who does not read it yet must not fall over it.
      answer.on('error', () => {})
      resolve(answer)
    })
    outgoing.end(body)
  })
}

/** An address below that of an app; throws `compute_bad_request` for a path that leads out of it. */
export function workerUrl(base: string, path: string, search = ''): string {
  const root = new URL(base)
  const folder = root.pathname.replace(/\/+$/, '')
  const target = new URL(base)
  target.pathname = path === '' ? folder : `${folder}/${path.replace(/^\/+/, '')}`
  if (target.pathname !== (folder || '/') && !target.pathname.startsWith(`${folder}/`))
    throw new ComputeError('compute_bad_request', 'the path leads out of the app')
  target.search = search
  return target.href
}

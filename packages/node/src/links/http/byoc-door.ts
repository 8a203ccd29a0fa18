import { JOB_HEADER } from '@millrace/ai'
import type { Log } from '@millrace/base'
import { HEADER } from '@millrace/wire'
import type { ByocService } from '../byoc-links.ts'
import { isRefusal } from '../orchestrator-service.ts'
import { readText, sayBytes, sayError, sayText } from './byoc-answers.ts'
import { forwardJob } from './byoc-request.ts'
import type { Door, DoorRequest, DoorResponse } from './door.ts'
import { headerOf } from './orchestrator-server.ts'

export const TOKEN_PATH = '/process/token'
export const REQUEST_PATH = '/process/request'
const REGISTER_PATH = '/capability/register'
const UNREGISTER_PATH = '/capability/unregister'

const MAX_SETTINGS_BYTES = 64 * 1024
const SETTINGS_TIMEOUT_MS = 10_000
/** Jobs at once, each with its input in memory. */
const MAX_JOBS = 64

/** The paths of capabilities at the orchestrator's port (ai spec, section 10). */
export class ByocDoor {
  readonly #deps: { readonly service: ByocService; readonly log: Log }
  #jobs = 0

  constructor(deps: { readonly service: ByocService; readonly log: Log }) {
    this.#deps = deps
  }

  readonly door: Door = (request, response, { path, signal }) =>
    owns(path) ? this.#serve(request, response, path, signal) : undefined

  async #serve(request: DoorRequest, response: DoorResponse, path: string, signal: AbortSignal): Promise<void> {
    try {
      const method = path === TOKEN_PATH ? 'GET' : 'POST'
      if (request.method !== method) {
        response.setHeader('allow', method)
        sayText(response, 405, 'Method not allowed')
        request.resume()
        return
      }
      if (path === TOKEN_PATH) return await this.#token(request, response)
      if (path === REGISTER_PATH || path === UNREGISTER_PATH) return await this.#settings(request, response, path)
      await this.#job(request, response, path, signal)
    } catch (error) {
      sayError(request, response, error)
    }
  }

  async #token(request: DoorRequest, response: DoorResponse): Promise<void> {
    const token = await this.#deps.service.token({
      sender: headerOf(request, 'Livepeer-Eth-Address'),
      capability: headerOf(request, 'Livepeer-Capability'),
    })
    sayBytes(response, 200, Buffer.from(token), { 'content-type': 'application/json' })
  }

  async #settings(request: DoorRequest, response: DoorResponse, path: string): Promise<void> {
    const { service } = this.#deps
    const authorization = headerOf(request, HEADER.authorization)
    const body = await readText(request, MAX_SETTINGS_BYTES, SETTINGS_TIMEOUT_MS)
    if (path === REGISTER_PATH) await service.register(authorization, body)
    else service.unregister(authorization, body)
    sayBytes(response, 200, Buffer.from('ok'), { 'content-type': 'application/json' })
  }

  async #job(request: DoorRequest, response: DoorResponse, path: string, stopping: AbortSignal): Promise<void> {
    const { service, log } = this.#deps
    // Bodies are held in memory, so there is an end to them whatever workers say they take.
    if (this.#jobs >= MAX_JOBS) {
      sayText(response, 503, 'No capacity available for capability')
      request.resume()
      return
    }
    this.#jobs++
    try {
      const headers = { job: headerOf(request, JOB_HEADER), payment: headerOf(request, HEADER.payment) }
      const job = await service.admit(headers, { reserve: true })
      if (isRefusal(job)) {
        sayText(response, job.status, job.text)
        request.resume()
        return
      }
      try {
        const route = path.slice(REQUEST_PATH.length).replace(/^\//, '')
        const { search } = new URL(request.url ?? '/', 'https://localhost')
        await forwardJob(request, response, job, { route, search, stopping, log })
      } finally {
        job.release()
      }
    } finally {
      this.#jobs--
    }
  }
}

const owns = (path: string): boolean =>
  path === TOKEN_PATH ||
  path === REGISTER_PATH ||
  path === UNREGISTER_PATH ||
  path === REQUEST_PATH ||
  path.startsWith(`${REQUEST_PATH}/`)

import { z } from 'zod'
import { AiError } from '../ai-error.ts'
import type { AiFile } from '../files.ts'
import type { Workflow } from './comfyui-workflow.ts'
import { formBody, jsonBody } from './form-body.ts'
import { MAX_STATUS_BYTES } from './job-limits.ts'
import type { ServerClient } from './server-client.ts'

const FIRST_POLL_MS = 100
const LONGEST_POLL_MS = 1_000
/** Texts about workflows and their errors. */
const MAX_HISTORY_BYTES = 16 * 1024 * 1024
const GIVE_UP_MS = 2_000

/** A file that a node wrote. */
export type ComfyFile = { readonly filename: string; readonly subfolder: string; readonly type: string }

const file = z.object({
  filename: z.string().min(1),
  subfolder: z.string().default(''),
  type: z.string().default('output'),
})
const outputs = z.record(z.string(), z.record(z.string(), z.unknown()))
const history = z.record(
  z.string(),
  z.object({
    outputs: outputs.catch({}),
    status: z.object({ status_str: z.string(), messages: z.array(z.unknown()).catch([]) }).optional(),
  }),
)

type Limits = { readonly signal: AbortSignal; readonly maxBytes: number }

/** ComfyUI's HTTP API, as far as a job needs it. */
export class ComfyUiClient {
  readonly #client: ServerClient
  readonly #what: string
  readonly #id: string

  constructor(client: ServerClient, what: string, clientId: string) {
    this.#client = client
    this.#what = what
    this.#id = clientId
  }

  /** Gives a picture to the server under a name without its ending, and returns what nodes call it. */
  async upload(image: AiFile, stem: string, signal: AbortSignal): Promise<string> {
    const body = formBody({ type: 'input', overwrite: 'true' }, { image: { ...image, stem } })
    const answer = await this.#client.ask('/upload/image', body, { signal, maxBytes: MAX_STATUS_BYTES })
    const { name, subfolder } = ((await answer.json()) ?? {}) as { name?: unknown; subfolder?: unknown }
    if (typeof name !== 'string') throw this.#nonsense()
    return typeof subfolder === 'string' && subfolder !== '' ? `${subfolder}/${name}` : name
  }

  /** Runs a workflow and returns the files that its nodes wrote; stops it when the signal aborts. */
  async run(workflow: Workflow, signal: AbortSignal): Promise<readonly ComfyFile[]> {
    const body = jsonBody({ prompt: workflow, client_id: this.#id })
    const answer = await this.#client.ask('/prompt', body, { signal, maxBytes: MAX_STATUS_BYTES }).catch((cause) => {
      // It is the operator's workflow that does not fit this server, not the customer's request.
      if (!(cause instanceof AiError) || cause.code !== 'ai_bad_request') throw cause
      throw new AiError('ai_runner_failed', `${this.#what} does not take its workflow: ${cause.message}`, { cause })
    })
    const { prompt_id: id } = ((await answer.json()) ?? {}) as { prompt_id?: unknown }
    if (typeof id !== 'string' || !/^[\w-]{1,100}$/.test(id)) throw this.#nonsense()
    try {
      return await this.#untilDone(id, signal)
    } catch (error) {
      if (signal.aborted) await this.#interrupt(id)
      throw error
    }
  }

  /** The bytes of a file. */
  async view({ filename, subfolder, type }: ComfyFile, limits: Limits): Promise<Buffer> {
    const query = new URLSearchParams({ filename, subfolder, type })
    return (await this.#client.ask(`/view?${query}`, undefined, limits)).bytes()
  }

  async #untilDone(id: string, signal: AbortSignal): Promise<readonly ComfyFile[]> {
    let absent = 0
    for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(LONGEST_POLL_MS, pauseMs * 1.5)) {
      const known = await this.#read(`/history/${id}`, history, signal)
      const done = known[id]
      if (done) return this.#filesOf(done)
      // After a restart it knows nothing of what it was doing.
      absent = (await this.#queued(id, signal)) ? 0 : absent + 1
      if (absent > 1)
        throw new AiError('ai_runner_failed', `${this.#what} has lost the job: it may have crashed`, {
          retryable: true,
        })
      await pause(pauseMs, signal)
    }
  }

  #filesOf(done: z.infer<typeof history>[string]): readonly ComfyFile[] {
    if (done.status?.status_str === 'error') throw this.#failed(done.status.messages)
    const files = Object.values(done.outputs)
      .flatMap((output) => Object.values(output))
      .flatMap((list) => (Array.isArray(list) ? list : []))
      .map((item) => file.safeParse(item))
      .flatMap(({ data }) => (data ? [data] : []))
    // Previews are shown to whoever sits before the editor.
    const kept = files.filter(({ type }) => type === 'output')
    return kept.length > 0 ? kept : files
  }

  #failed(messages: readonly unknown[]): AiError {
    const error = messages.find((message) => Array.isArray(message) && message[0] === 'execution_error')
    const { exception_message: text, node_type: node } = ((error as unknown[] | undefined)?.[1] ?? {}) as Record<
      string,
      unknown
    >
    const where = typeof node === 'string' ? ` in ${node.slice(0, 100)}` : ''
    const why = typeof text === 'string' ? `: ${text.trim().slice(0, 500)}` : ''
    return new AiError('ai_runner_failed', `${this.#what} failed${where}${why}`, { retryable: true })
  }

  async #queued(id: string, signal: AbortSignal): Promise<boolean> {
    const { queue_running: running, queue_pending: pending } = await this.#queue(signal)
    return [...running, ...pending].some((item) => item[1] === id)
  }

  #queue(signal: AbortSignal) {
    const items = z.array(z.array(z.unknown()))
    return this.#read('/queue', z.object({ queue_running: items, queue_pending: items }), signal)
  }

  /** Takes the job back; `interrupt` of older versions stops whatever runs, so it is asked whether that is ours. */
  async #interrupt(id: string): Promise<void> {
    const controller = new AbortController()
    const timer = setTimeout(() => controller.abort(), GIVE_UP_MS)
    const call = { signal: controller.signal, maxBytes: MAX_STATUS_BYTES }
    try {
      const { queue_running: running } = await this.#queue(controller.signal)
      const ours = running.some((item) => item[1] === id)
      if (ours) await this.#client.post('/interrupt', jsonBody({ prompt_id: id }), call)
      else await this.#client.post('/queue', jsonBody({ delete: [id] }), call)
    } catch {
      // Whoever gave the job up waits for nothing more.
    } finally {
      clearTimeout(timer)
    }
  }

  async #read<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    const answer = await this.#client.ask(path, undefined, { signal, maxBytes: MAX_HISTORY_BYTES })
    const read = schema.safeParse(await answer.json())
    if (read.success) return read.data
    throw this.#nonsense()
  }

  #nonsense(): AiError {
    return new AiError('ai_runner_failed', `${this.#what} answered something that ComfyUI does not say`)
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(done, ms)
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done, { once: true })
  })

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { errorText, MillraceError } from '@millrace/base'
import { becomeMediaChild } from '@millrace/media/process'
import { AiError } from '../../ai-error.ts'
import type { EmbeddedModel, OpenModel } from '../../models/embedded-model.ts'
import { openPackage } from '../../models/package-store.ts'
import type { LoadProgress } from '../runner.ts'
import type { FromModel, SentError, ToModel } from './embedded-messages.ts'

// A model runs here and nowhere else: native code that breaks, hangs or eats memory costs this process alone.

/** Progress is told so often at most. */
const PROGRESS_EVERY_MS = 100

const loading = new AbortController()
const running = new Map<number, AbortController>()
let open: OpenModel | undefined
let load: Promise<void> = Promise.resolve()

const send = becomeMediaChild<ToModel>((message) => void take(message)) as (message: FromModel) => void

async function take(message: ToModel): Promise<void> {
  if (message.type === 'load') load = loadModel(message)
  else if (message.type === 'run') await run(message)
  else if (message.type === 'cancel') running.get(message.id)?.abort(new Error('the job was cancelled'))
  else await close()
}

async function loadModel({ module, modelId, folder }: Extract<ToModel, { type: 'load' }>): Promise<void> {
  try {
    const { models } = (await import(module)) as { readonly models: readonly EmbeddedModel[] }
    const model = models.find(({ card }) => card.id === modelId)
    if (!model) throw new AiError('ai_no_runner', `there is no model ${modelId} in its module`)
    const onProgress = throttled((progress) => send({ type: 'progress', progress }))
    const folders = new Map<string, string>()
    for (const spec of model.card.packages)
      folders.set(spec.name, await openPackage(spec, { folder, signal: loading.signal, onProgress }))
    const cache = join(folder, '.made')
    await mkdir(cache, { recursive: true })
    open = await model.open({ folders, cache, onProgress })
    send({ type: 'loaded' })
  } catch (error) {
    send({ type: 'not-loaded', error: sentError(error) })
  }
}

async function run({ id, job }: Extract<ToModel, { type: 'run' }>): Promise<void> {
  const cancelled = new AbortController()
  running.set(id, cancelled)
  try {
    if (!open) throw new AiError('ai_runner_failed', 'no model is loaded')
    const result = await open.run(job, { signal: cancelled.signal })
    send({ type: 'done', id, result, residentBytes: process.memoryUsage.rss() })
  } catch (error) {
    send({ type: 'failed', id, error: sentError(error), residentBytes: process.memoryUsage.rss() })
  } finally {
    running.delete(id)
  }
}

async function close(): Promise<void> {
  loading.abort(new Error('the model is unloaded'))
  for (const cancelled of running.values()) cancelled.abort(new Error('the model is unloaded'))
  // What was fetched by half is removed before the end.
  await load
  await open?.close().catch(() => {})
  process.exit(0)
}

function throttled(tell: (progress: LoadProgress) => void): (progress: LoadProgress) => void {
  let what = ''
  let last = 0
  return (progress) => {
    const now = performance.now()
    if (progress.what === what && progress.done !== progress.total && now - last < PROGRESS_EVERY_MS) return
    what = progress.what
    last = now
    tell(progress)
  }
}

const sentError = (error: unknown): SentError => ({
  code: error instanceof MillraceError ? error.code : 'ai_runner_failed',
  message: errorText(error),
  retryable: error instanceof MillraceError && error.retryable,
})

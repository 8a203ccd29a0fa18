import {
  type AiResult,
  type LiveRun,
  readRunnerLiveRequest,
  runnerLiveRequestJson,
  TricklePublisher,
} from '@millrace/ai'
import { MillraceError } from '@millrace/base'
import type { NotifyAiJob } from '@millrace/wire'
import type { AiWorkerLink, LiveJob } from '../ai-links.ts'

/** The live streams of a remote worker, as its orchestrator has them: their channels say when they are over, and the worker's connection. */
export class RemoteLiveStreams {
  readonly #ends = new Set<(why: string) => void>()

  /** A stream that the worker said it works on. */
  begun(onEnd: () => void): LiveRun {
    let end: (why: string) => void = () => {}
    const ended = new Promise<string>((resolve) => {
      end = (why) => {
        if (!this.#ends.delete(end)) return
        onEnd()
        resolve(why)
      }
    })
    this.#ends.add(end)
    // The worker sees the end of the channels.
    return { ended, stop: async () => end('it was stopped') }
  }

  gone(): void {
    for (const end of [...this.#ends]) end('the AI worker went away')
  }
}

/** The request of a live stream as a task carries it: what a runner is asked. */
export const liveTaskRequest = ({ modelId, request }: LiveJob) => runnerLiveRequestJson({ modelId, request })

/** Begins with the live stream of a task, at the worker. The stream ends with its channels, or when `signal` aborts because the orchestrator is gone. */
export async function beginLiveTask(
  { requestData }: Pick<NotifyAiJob, 'requestData'>,
  worker: Pick<AiWorkerLink, 'startLive'>,
  signal: AbortSignal,
): Promise<{ readonly run: LiveRun; readonly result: AiResult }> {
  const { request: asked } = JSON.parse(Buffer.from(requestData).toString('utf8')) as { readonly request?: unknown }
  const { modelId, request } = readRunnerLiveRequest(asked)
  if (!worker.startLive) throw new MillraceError('ai_no_runner', 'this worker has no model of live video')
  const job = { ...request, anyCertificate: true }
  const run = await worker.startLive({ modelId, request: job, here: job }, { signal })
  const stop = () => void run.stop()
  signal.addEventListener('abort', stop, { once: true })
  void run.ended.then(() => {
    signal.removeEventListener('abort', stop)
    // A runner that died ends nothing: without this the orchestrator would not know of it.
    return new TricklePublisher({ url: request.publishUrl, anyCertificate: true }).close().catch(() => {})
  })
  const { subscribe_url, publish_url, control_url, events_url, manifest_id } = liveTaskRequest({
    ...{ modelId, request, here: request },
  })
  const response = { subscribe_url, publish_url, control_url, events_url, manifest_id, request_id: request.requestId }
  return { run, result: { response, files: [] } }
}

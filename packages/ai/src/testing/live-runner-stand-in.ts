import { setTimeout as sleep } from 'node:timers/promises'
import { ControlMessages } from '../live/control-messages.ts'
import { SEQ_CURRENT } from '../trickle/headers.ts'
import { TricklePublisher } from '../trickle/trickle-publisher.ts'
import { subscribe } from '../trickle/trickle-subscriber.ts'
import { type Exchange, openStandIn, Refusal, type StandIn } from './stand-in.ts'

export type LiveRunnerStandIn = StandIn & {
  /** Streams that it works on. */
  readonly streams: () => number
  /** What came on control channels. */
  readonly control: Readonly<Record<string, unknown>>[]
}

const FIELDS = ['subscribe_url', 'publish_url', 'control_url', 'events_url', 'model_id', 'params', 'gateway_request_id']
const IDS = ['manifest_id', 'stream_id']

/**
 * A container of ai-runner with a live pipeline that changes nothing, as far as its API and its channels go (ai spec, sections 4 and 8):
 * it reads from the current segment on, writes each one as it comes, tells events, and says IDLE when it has nothing to do.
 */
export async function openLiveRunnerStandIn(options: {
  readonly modelId: string
  readonly token?: string
}): Promise<LiveRunnerStandIn> {
  const { modelId, token } = options
  const running = new Set<AbortController>()
  const control: Readonly<Record<string, unknown>>[] = []
  const authorize = ({ headers }: Exchange) => {
    if (token !== undefined && headers.authorization !== `Bearer ${token}`)
      throw new Refusal(401, { detail: { msg: 'Invalid bearer token.' } })
  }
  const standIn = await openStandIn({
    isJob: (path) => path === '/live-video-to-video',
    failure: (_, msg) => ({ detail: { msg } }),
    health: (exchange) => {
      if (exchange.path !== '/health') return false
      const { health } = exchange.standIn
      exchange.json({ status: health === 'OK' && running.size === 0 ? 'IDLE' : health })
      return true
    },
    job: (exchange) => {
      const { path, fields, json } = exchange
      if (path === '/version') return json({ pipeline: 'live-video-to-video', model_id: modelId, version: '0.14.1' })
      if (path !== '/live-video-to-video') throw new Refusal(404, { detail: 'Not Found' })
      authorize(exchange)
      for (const name of ['subscribe_url', 'publish_url'])
        if (typeof fields[name] !== 'string')
          throw new Refusal(422, { detail: [{ loc: ['body', name], msg: 'Field required', type: 'missing' }] })
      const unknown = Object.keys(fields).find((name) => ![...FIELDS, ...IDS].includes(name))
      if (unknown) throw new Refusal(422, { detail: [{ loc: ['body', unknown], msg: 'Extra inputs', type: 'extra' }] })
      if (fields.model_id && fields.model_id !== modelId)
        throw new Refusal(400, { detail: { msg: `pipeline configured with ${modelId}` } })
      const stop = new AbortController()
      running.add(stop)
      void work(fields, { stop, control }).finally(() => running.delete(stop))
      const { subscribe_url, publish_url, control_url, events_url } = fields
      json({ subscribe_url, publish_url, control_url, events_url, request_id: '', manifest_id: fields.manifest_id })
    },
  })
  const close = standIn.close
  return Object.assign(standIn, {
    control,
    streams: () => running.size,
    close: async () => {
      for (const stop of running) stop.abort()
      await close()
    },
  })
}

async function work(
  fields: Readonly<Record<string, unknown>>,
  given: { readonly stop: AbortController; readonly control: Readonly<Record<string, unknown>>[] },
): Promise<void> {
  const { signal } = given.stop
  const target = (name: string) => ({ url: String(fields[name]), anyCertificate: true })
  const output = new TricklePublisher(target('publish_url'))
  const events = new TricklePublisher(target('events_url'))
  const tell = (event: object) => {
    const body = { event, queue_event_type: 'ai_stream_events' }
    return events.write(Buffer.from(JSON.stringify(body))).catch(() => {})
  }
  const listening = listen(target('control_url'), given)
  try {
    await tell({ type: 'status', pipeline: String(fields.model_id), state: 'ONLINE' })
    for await (const { data } of subscribe({ ...target('subscribe_url'), from: SEQ_CURRENT, signal }))
      await output.write(data)
  } catch {
    // A stream that broke off has ended.
  } finally {
    // What was killed says nothing any more.
    if (!signal.aborted) await Promise.allSettled([output.close(), events.close()])
    given.stop.abort()
    output.stop()
    events.stop()
    await Promise.race([listening, sleep(100, undefined, { ref: false })])
  }
}

async function listen(
  target: { readonly url: string; readonly anyCertificate: boolean },
  { stop, control }: { readonly stop: AbortController; readonly control: Readonly<Record<string, unknown>>[] },
): Promise<void> {
  try {
    for await (const message of new ControlMessages({ ...target, signal: stop.signal }).read()) control.push(message)
  } catch {
    // Without a control channel there is nothing to hear.
  }
}

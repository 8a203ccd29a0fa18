import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { errorText, MillraceError } from '@millrace/base'
import { type Av, becomeMediaChild, loadAv } from '@millrace/media/process'
import { openPackage } from '../../models/package-store.ts'
import type { LiveEffect, OpenEffect } from '../live-effect.ts'
import type { FromLive, ToLive } from '../live-messages.ts'
import { LiveBridge } from './live-bridge.ts'

// One live stream, or one effect that waits for it: native code that breaks or hangs costs this stream alone.

const STATS_EVERY_MS = 250

let av: Av | undefined
let effect: OpenEffect | undefined
let bridge: LiveBridge | undefined

const send = becomeMediaChild<ToLive>((message) => void take(message)) as (message: FromLive) => void

async function take(message: ToLive): Promise<void> {
  if (message.type === 'open') await open(message)
  else if (message.type === 'start') start(message)
  else if (message.type === 'bytes') {
    bridge?.push(message.bytes)
    send({ type: 'taken', bytes: message.bytes.length })
  } else if (message.type === 'segment-end') bridge?.endSegment()
  else if (message.type === 'params') bridge?.update(message.params)
  else await end()
}

async function open({ module, modelId, folder }: Extract<ToLive, { type: 'open' }>): Promise<void> {
  try {
    const { effects } = (await import(module)) as { readonly effects: readonly LiveEffect[] }
    const found = effects.find(({ card }) => card.id === modelId)
    if (!found) throw new MillraceError('no_such_model', `there is no effect ${modelId} in its module`)
    const onProgress = (progress: Extract<FromLive, { type: 'progress' }>['progress']) =>
      send({ type: 'progress', progress })
    const signal = new AbortController().signal
    const folders = new Map<string, string>()
    for (const spec of found.card.packages)
      folders.set(spec.name, await openPackage(spec, { folder, signal, onProgress }))
    const cache = join(folder, '.made')
    await mkdir(cache, { recursive: true })
    effect = await found.open({ folders, cache, onProgress })
    av = await loadAv()
    send({ type: 'opened' })
  } catch (error) {
    send({ type: 'not-opened', message: errorText(error) })
  }
}

/** At once, because the first bytes are on their way. */
function start({ params, timeline }: Extract<ToLive, { type: 'start' }>): void {
  bridge = new LiveBridge(
    av as Av,
    effect as OpenEffect,
    { params, timeline },
    {
      segment: () => send({ type: 'segment' }),
      bytes: (bytes) => send({ type: 'output', bytes }),
      shown: (timeline) => send({ type: 'shown', timeline }),
      facts: (pts, facts) => send({ type: 'facts', pts, facts }),
      params: (set) => send({ type: 'params-set', params: set }),
      error: (message) => send({ type: 'error', message }),
    },
  )
  setInterval(stats, STATS_EVERY_MS)
}

function stats(): void {
  if (bridge) send({ type: 'stats', counts: bridge.counts, stages: bridge.stages })
}

async function end(): Promise<void> {
  await bridge?.end()
  stats()
  send({ type: 'ended' })
  await effect?.close()
  // What was sent is on its way before the channel closes.
  process.disconnect?.()
}

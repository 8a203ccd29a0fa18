import { silentLog, systemClock } from '@millrace/base'
import { Hashing } from '@millrace/base/node'
import { type CodedFrame, demuxTs } from '@millrace/media'
import { GatewayBalances } from '@millrace/payments'
import type { NodeEventBody } from '@millrace/wire'
import { SecureClient } from '../../links/http/secure-fetch.ts'
import { ChoiceLog } from '../explain.ts'
import { Gateway, type GatewayDeps } from '../gateway.ts'
import { LiveAi, type LiveAiRunDeps, type LiveAiRunOptions } from './live-ai.ts'
import { LiveMarket } from './live-ai-market.ts'
import { type LiveOrchestrator, openLiveOrchestrator } from './live-orchestrator.fixture.ts'

export const MODEL = 'millrace/effects'
/** As small as effects are. */
export const SMALL = { width: 128, height: 128 }

/** A gateway with so many orchestrators of live AI, for tests. */
export async function openLiveGateway(
  count: number,
  options: LiveAiRunOptions = {},
  {
    auth,
    streamAuth,
    keys,
  }: {
    readonly auth?: LiveAiRunDeps['auth']
    readonly streamAuth?: GatewayDeps['auth']
    readonly keys?: LiveAiRunDeps['keys']
  } = {},
) {
  const orchestrators = await Promise.all(Array.from({ length: count }, () => openLiveOrchestrator(MODEL)))
  const hashing = new Hashing()
  const http = new SecureClient()
  const events: NodeEventBody[] = []
  const failed = new Set<string>()
  const book = {
    info: async ({ serviceUri }: { readonly serviceUri: string }) =>
      orchestrators.find(({ info }) => info.serviceUri === serviceUri)!.info,
    isSuspended: (uri: string) => failed.has(uri),
    failed: (uri: string) => failed.add(uri).size,
  }
  const tell = (event: NodeEventBody) => void events.push(event)
  const common = { tell, clock: systemClock, log: silentLog }
  const market = new LiveMarket(
    { minVersion: '' },
    {
      market: { offers: async () => orchestrators.map(({ offer }) => offer) },
      bookFor: () => book as never,
      maxPrice: () => undefined,
      ...common,
    },
  )
  const liveAi = new LiveAi(
    { lookForMs: 1_000, ...options },
    {
      ...common,
      market,
      http,
      payer: undefined,
      balances: new GatewayBalances(),
      allowPrivate: true,
      ...{ auth, keys },
      privateOutputs: true,
    },
  )
  const at = { host: '127.0.0.1', port: 0 }
  const gateway = new Gateway(
    { rtmp: at, http: at, ladder: [], httpIngest: true },
    {
      openBuyer: () => ({ close: async () => {} }) as never,
      choices: new ChoiceLog(),
      ...{ ...common, hashing, liveAi, auth: streamAuth },
    },
  )
  await gateway.start()
  const url = (path: string) => `${gateway.httpUrl}/live/video-to-video/${path}`
  return {
    gateway,
    liveAi,
    orchestrators: orchestrators as [LiveOrchestrator, ...LiveOrchestrator[]],
    events,
    failed,
    url,
    query: (params: Record<string, unknown> = {}, more: Record<string, string> = {}) =>
      new URLSearchParams({ pipeline: MODEL, params: JSON.stringify({ ...SMALL, ...params }), ...more }).toString(),
    async status(id: string) {
      const answer = await fetch(url(`${id}/status`))
      return answer.ok ? ((await answer.json()) as Record<string, Record<string, unknown>>) : undefined
    },
    /** The frames of a stream as players of HLS have them. */
    async shown(name: string): Promise<readonly CodedFrame[]> {
      const list = await fetch(`${gateway.httpUrl}/stream/${name}/source.m3u8`)
      if (!list.ok) return []
      const frames: CodedFrame[] = []
      for (const line of (await list.text()).split('\n'))
        if (line.endsWith('.ts')) {
          const segment = await fetch(new URL(line, list.url))
          frames.push(...demuxTs(new Uint8Array(await segment.arrayBuffer())).frames)
        }
      return frames
    },
    async [Symbol.asyncDispose]() {
      await gateway.stop()
      await hashing.stop()
      http.close()
      for (const each of orchestrators) await each[Symbol.asyncDispose]()
    },
  }
}

export type LiveGateway = Awaited<ReturnType<typeof openLiveGateway>>

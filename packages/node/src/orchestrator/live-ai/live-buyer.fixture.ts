import { setTimeout as sleep } from 'node:timers/promises'
import { LIVE_CAPABILITY, subscribe, TricklePublisher } from '@millrace/ai'
import { keccak256, type Rational, rational, toHex } from '@millrace/base'
import { devnetPaymentParameters, paymentOf } from '@millrace/payments'
import {
  capabilitiesOf,
  capabilityBits,
  DEFAULT_CAPABILITIES,
  encodePaymentHeader,
  encodeSegmentHeader,
  HEADER,
  manifestId,
  type OrchestratorInfo,
  signOrchestratorRequest,
  signSegment,
} from '@millrace/wire'
import { OrchestratorRpc } from '../../links/grpc/orchestrator-client.ts'
import { SecureClient, type SecureResponse } from '../../links/http/secure-fetch.ts'
import type { TestOrchestrator } from '../orchestrator-fixture.ts'

/** A ticket for each second of a live stream. */
export const TICKET_A_SECOND: Rational = rational(devnetPaymentParameters.ticketEvWei, 1280n * 720n * 30n)

export type StreamUrls = {
  readonly publish_url: string
  readonly subscribe_url: string
  readonly control_url: string
  readonly events_url: string
  readonly manifest_id: string
}

/** A gateway that buys work on live video, as far as the network's messages go: real tickets and real channels, for tests. */
export function openLiveBuyer(o: TestOrchestrator) {
  const http = new SecureClient()
  const rpc = new OrchestratorRpc(o.serviceUri())
  const publishers: TricklePublisher[] = []

  const post = (
    path: string,
    headers: Record<string, string>,
    body: Uint8Array | string = '',
    signal?: AbortSignal,
  ): Promise<SecureResponse> =>
    http.fetch(`${o.serviceUri()}${path}`, {
      ...{ method: 'POST', headers, body: Buffer.from(body) },
      ...{ headTimeoutMs: 20_000, timeoutMs: 20_000, maxBytes: 1 << 20, signal },
    })

  /** What the orchestrator tells of itself; with a model, at the price of that. */
  const terms = (modelId?: string): Promise<OrchestratorInfo> => {
    const models = modelId && new Map([[modelId, { warm: false, capacity: 0, runnerVersion: '', capacityInUse: 0 }]])
    const capabilities = capabilitiesOf(DEFAULT_CAPABILITIES | capabilityBits([LIVE_CAPABILITY]), {
      ...(models && { constraints: { minVersion: '', perCapability: new Map([[LIVE_CAPABILITY, { models }]]) } }),
    })
    return rpc.getOrchestrator(signOrchestratorRequest(o.gatewaySigner, { capabilities }), { timeoutMs: 5_000 })
  }

  /** The headers of a payment of so many tickets. */
  async function paying(
    info: OrchestratorInfo,
    tickets: number,
    stream = '35_stream',
  ): Promise<Record<string, string>> {
    const batch =
      tickets > 0 ? await o.tickets.createTicketBatch(o.tickets.startSession(info.ticketParams!), tickets) : undefined
    const segment = signSegment(o.gatewaySigner, {
      ...{ manifestId: manifestId(stream), seq: 0, profiles: [], durationMs: 0, storage: [] },
      ...(info.authToken && { authToken: info.authToken }),
      ...{ calcPerceptualHash: false, forceSessionReinit: false, wantsCommitment: false },
      hash: toHex(keccak256(new Uint8Array(0))),
    })
    return {
      [HEADER.payment]: encodePaymentHeader(paymentOf(o.gatewaySigner.address, batch, info.priceInfo)),
      [HEADER.segment]: encodeSegmentHeader(segment),
    }
  }

  const begin = (headers: Record<string, string>, start: unknown, signal?: AbortSignal): Promise<SecureResponse> =>
    post(
      '/live-video-to-video',
      { ...headers, 'content-type': 'application/json' },
      typeof start === 'string' ? start : JSON.stringify(start),
      signal,
    )

  return {
    post,
    terms,
    paying,
    begin,
    /** A stream that was paid for with so many tickets. */
    async stream(modelId: string, { tickets = 10, params = {} }: { tickets?: number; params?: object } = {}) {
      const answer = await begin(await paying(await terms(modelId), tickets), { model_id: modelId, params })
      if (answer.status !== 200) throw new Error(`${answer.status}: ${textOf(answer)}`)
      return JSON.parse(textOf(answer)) as StreamUrls
    },
    /** Pays for a stream that goes on. */
    pay: async (modelId: string, stream: string, tickets: number) =>
      post('/payment', await paying(await terms(modelId), tickets, stream)),
    publisher(url: string): TricklePublisher {
      const made = new TricklePublisher({ url, anyCertificate: true })
      publishers.push(made)
      return made
    },
    /** Writes segments at the pace at which they would come, until there are none or the channel has ended. */
    async publish(url: string, segments: readonly Uint8Array[], everyMs: number): Promise<TricklePublisher> {
      const input = this.publisher(url)
      for (const segment of segments) {
        await input.write(segment)
        await sleep(everyMs)
      }
      return input
    },
    /** All segments of a channel, to its end. */
    async read(url: string): Promise<Uint8Array[]> {
      const segments: Uint8Array[] = []
      for await (const { data } of subscribe({ url, anyCertificate: true, from: 0 })) {
        const chunks: Uint8Array[] = []
        for await (const chunk of data) chunks.push(chunk)
        segments.push(Buffer.concat(chunks))
      }
      return segments
    },
    close() {
      for (const each of publishers) each.stop()
      rpc.close()
      http.close()
    },
  }
}

export type LiveBuyer = ReturnType<typeof openLiveBuyer>

export const textOf = ({ body }: { readonly body: Uint8Array }): string => Buffer.from(body).toString('utf8').trim()

import { createServer, type Server } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import {
  EmbeddedLiveRunner,
  LIVE_CAPABILITY,
  type LiveSession,
  liveCatalogEntry,
  TricklePublisher,
  TrickleServer,
} from '@millrace/ai'
import { silentLog } from '@millrace/base'
import { capabilitiesOf, capabilityBits, type OrchestratorInfo, ZERO_ADDRESS } from '@millrace/wire'
import { readBody } from '../../links/http/read-body.ts'
import { makeCertificate } from '../../links/tls.ts'
import type { AiOffer } from '../ai/ai-market.ts'

export type StartRequest = {
  readonly model_id: string
  readonly params: Record<string, unknown>
  readonly gateway_request_id: string
  readonly stream_id: string
}

/** An orchestrator of live AI as section 8.1 of the ai spec has it: the real trickle server and runner, without payments, for tests. */
export async function openLiveOrchestrator(modelId = 'millrace/effects') {
  const { cert, key } = await makeCertificate('127.0.0.1')
  const runner = new EmbeddedLiveRunner(liveCatalogEntry(modelId)!, { log: silentLog }, { capacity: 4 })
  const trickle = new TrickleServer({}, { log: silentLog })
  const sockets = new Set<Socket>()
  const started: StartRequest[] = []
  const sessions: (LiveSession & { readonly pid: number | undefined })[] = []
  const state = {
    refuse: undefined as { readonly status: number; readonly text: string } | undefined,
    /** Connections are taken, and nothing is done with them. */
    hangs: false,
  }
  const server: Server = createServer({ cert, key, requestTimeout: 0 }, (request, response) => {
    if (state.hangs) return
    if (request.url?.startsWith('/ai/trickle/')) return void trickle.handle(request, response)
    if (request.url !== '/live-video-to-video') return void response.writeHead(404).end()
    void readBody(request, { maxBytes: 1_000_000, timeoutMs: 5_000 }).then(async (body) => {
      if (state.refuse) return void response.writeHead(state.refuse.status).end(state.refuse.text)
      const job = JSON.parse(Buffer.from(body).toString('utf8')) as StartRequest
      const id = `job${started.push(job)}`
      const at = (suffix: string) => `/ai/trickle/${id}${suffix}`
      const own = (suffix: string) => `${serviceUri()}${at(suffix)}`
      for (const suffix of ['', '-out']) trickle.create(`${id}${suffix}`, 'video/MP2T')
      for (const suffix of ['-control', '-events']) trickle.create(`${id}${suffix}`, 'application/json')
      const session = await runner.start(
        {
          subscribeUrl: own(''),
          publishUrl: own('-out'),
          controlUrl: own('-control'),
          eventsUrl: own('-events'),
          params: job.params,
          requestId: job.gateway_request_id,
          streamId: job.stream_id,
          anyCertificate: true,
        },
        { signal: AbortSignal.timeout(60_000) },
      )
      sessions.push(session)
      response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          publish_url: at(''),
          subscribe_url: at('-out'),
          control_url: at('-control'),
          events_url: at('-events'),
          manifest_id: id,
        }),
      )
    })
  })
  server.on('secureConnection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const serviceUri = () => `https://127.0.0.1:${port}`
  await runner.load({ signal: AbortSignal.timeout(60_000) })
  const cut = async () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  const model = { warm: true, capacity: 4, runnerVersion: '', capacityInUse: 0 }
  const capabilities = capabilitiesOf(capabilityBits([LIVE_CAPABILITY]), {
    constraints: {
      minVersion: '',
      perCapability: new Map([[LIVE_CAPABILITY, { models: new Map([[modelId, model]]) }]]),
    },
  })
  const info: OrchestratorInfo = {
    ...{ serviceUri: serviceUri(), address: ZERO_ADDRESS, capabilities },
    ...{ hardware: [], storage: [], capabilitiesPrices: [], nodes: [] },
  }
  const entry = { serviceUri: serviceUri(), address: ZERO_ADDRESS, stakeLpt: 1n }
  const offer: AiOffer = { entry, info, modelId, model, price: undefined }
  return {
    offer,
    info,
    started,
    sessions,
    state,
    trickle,
    /** Writes to a channel as its runner would. */
    publisher: (channel: string) =>
      new TricklePublisher({ url: `${serviceUri()}/ai/trickle/${channel}`, anyCertificate: true }),
    /** As kill -9: everything that is open breaks off, and nobody answers any more. */
    async kill() {
      await cut()
      for (const { pid } of sessions) if (pid) process.kill(pid, 'SIGKILL')
    },
    async [Symbol.asyncDispose]() {
      state.hangs = false
      // What was left unanswered must not be waited for.
      for (const socket of sockets) socket.destroy()
      await runner.unload()
      await trickle.stop()
      await cut()
    },
  }
}

export type LiveOrchestrator = Awaited<ReturnType<typeof openLiveOrchestrator>>

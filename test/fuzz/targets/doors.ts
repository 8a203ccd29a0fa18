import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { type Log, ManualClock, MillraceError, silentLog } from '@millrace/base'
import { RtmpServer } from '@millrace/media'
import { EventHub, OperatorServer } from '@millrace/node'
import { DEVNET_PRICE_PER_BYTE } from '@millrace/payments'
import {
  DEFAULT_LADDER,
  encodePaymentHeader,
  encodeSegmentHeader,
  jobCapabilities,
  manifestId,
  nodeId,
  signOrchestratorRequest,
  signSegment,
  UNKNOWN_HASH,
} from '@millrace/wire'
import fc from 'fast-check'
import { Health } from '../../../packages/node/src/api/health.ts'
import { operatorRoutes } from '../../../packages/node/src/api/operator-routes.ts'
import { AuthWebhook } from '../../../packages/node/src/gateway/auth-webhook.ts'
import { openEdge } from '../../../packages/node/src/gateway/distribution/edge-fixture.ts'
import { PerfScores } from '../../../packages/node/src/gateway/perf-scores.ts'
import { webhookDirectory } from '../../../packages/node/src/gateway/webhook-directory.ts'
import { openOrchestrator } from '../../../packages/node/src/orchestrator/orchestrator-fixture.ts'
import { CODECS } from '../../../packages/wire/src/messages/codecs.fixture.ts'
import { rtmpSession } from '../samples/media.ts'
import { Broken, type Target } from '../target.ts'

const isOwn = (error: unknown): boolean => error instanceof MillraceError
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const WAIT_MS = 5_000

/** What comes back on a door's socket; a door that stays silent is broken. */
function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Broken(`it did not answer within ${WAIT_MS} ms`)), WAIT_MS)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

let secure = 0
let rpcSession: ClientHttp2Session | undefined
const orchestrator = async () => {
  const opened = await openOrchestrator({ pricePerByte: DEVNET_PRICE_PER_BYTE })
  secure = opened.port()
  return async () => {
    rpcSession?.destroy()
    rpcSession = undefined
    await opened[Symbol.asyncDispose]()
  }
}

const frame = (body: Uint8Array) => {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(body.length, 1)
  return Buffer.concat([head, body])
}
const written = (name: string, seed: number, count: number): Uint8Array[] => {
  const { arbitrary, encode } = CODECS[name]!
  return fc.sample(arbitrary, { numRuns: count, seed }).map((value) => encode(value as never))
}

const RPCS = [
  '/net.Orchestrator/GetOrchestrator',
  '/net.Orchestrator/EndTranscodingSession',
  '/net.Orchestrator/Ping',
  '/net.Transcoder/RegisterTranscoder',
]

let operator = 0
let viewed: readonly string[] = []
let liveHeaders: Record<string, string> = {}
let plain = 0
let answer = new Uint8Array(0)
let rtmp: { readonly port: number; readonly failures: string[] } = { port: 0, failures: [] }

export const doorTargets: readonly Target[] = [
  {
    name: 'grpc',
    takesAll: true,
    open: orchestrator,
    samples: (seed) =>
      ['OrchestratorRequest', 'EndTranscodingSessionRequest', 'PingPong', 'RegisterRequest'].flatMap((name) =>
        written(name, seed, 5).map(frame),
      ),
    words: ['\0\0\0\0\0', '\x01\0\0\0\x05', '\0\xff\xff\xff\xff', '\x80\0\0\0\0'],
    take: async (input) => {
      // A connection that the server closed for what it was sent is opened anew for the next input.
      if (!rpcSession || rpcSession.closed || rpcSession.destroyed) {
        rpcSession = connectHttp2(`https://127.0.0.1:${secure}`, { rejectUnauthorized: false })
        rpcSession.on('error', () => {})
      }
      const stream = rpcSession.request({
        ':method': 'POST',
        ':path': RPCS[(input[0] ?? 0) % RPCS.length],
        'content-type': 'application/grpc+proto',
        te: 'trailers',
      })
      stream.on('error', () => {})
      stream.resume()
      const closed = once(stream, 'close')
      const response = once(stream, 'response')
      stream.end(input)
      const [headers] = (await inTime(response)) as [Record<string, unknown>]
      if (Number(headers[':status']) >= 500) throw new Broken(`it answered ${headers[':status']}`)
      await inTime(closed)
    },
    isOwn,
  },
  {
    name: 'http-segment',
    takesAll: true,
    open: orchestrator,
    samples: (seed) => {
      const header = (name: string, encode: (value: never) => string) =>
        fc.sample(CODECS[name]!.arbitrary, { numRuns: 5, seed }).map((value) => encode(value as never))
      const payments = header('Payment', encodePaymentHeader)
      return header('SegData', encodeSegmentHeader).map((segment, i) =>
        Buffer.from(`/segment${i % 2 ? '/live' : ''}\n${segment}\n${payments[i]}\nbody`),
      )
    },
    words: [
      '\n',
      '=',
      '/segment/live',
      '/distribution',
      '/liveTask/',
      '/transcodeResults',
      '/stream/',
      '/healthz',
      '%00',
      'AAAA',
    ],
    take: async (input) => {
      const [path = '/', segment = '', payment = '', ...rest] = text(input).split('\n')
      const status = await inTime(
        new Promise<number>((resolve, reject) => {
          try {
            const request = httpsRequest(
              {
                port: secure,
                path: pathOf(path),
                method: 'POST',
                rejectUnauthorized: false,
                headers: { 'livepeer-segment': printable(segment), 'livepeer-payment': printable(payment) },
              },
              (response) => {
                response.resume()
                response.once('close', () => resolve(response.statusCode ?? 0))
              },
            )
            request.once('error', reject)
            request.end(rest.join('\n'))
          } catch (error) {
            reject(error)
          }
        }),
      )
      if (status >= 500 && status !== 503) throw new Broken(`it answered ${status}`)
    },
    isOwn,
  },
  {
    name: 'live-segment',
    takesAll: true,
    open: async () => {
      const opened = await openOrchestrator({ freePrice: true })
      secure = opened.port()
      const { gatewaySigner: signer } = opened
      const { authToken } = await opened.orchestrator.getOrchestrator(signOrchestratorRequest(signer))
      const profiles = DEFAULT_LADDER
      const segment = signSegment(signer, {
        ...{ manifestId: manifestId('fuzz'), seq: 1, profiles, durationMs: 2_000, hash: UNKNOWN_HASH, live: true },
        capabilities: jobCapabilities({ profiles, storage: 'direct' }),
        ...(authToken && { authToken }),
        ...{ calcPerceptualHash: false, forceSessionReinit: false, storage: [], wantsCommitment: false },
      })
      liveHeaders = {
        'livepeer-segment': encodeSegmentHeader(segment, signer),
        'livepeer-payment': encodePaymentHeader({ sender: signer.address, tickets: [] }),
      }
      return () => opened[Symbol.asyncDispose]()
    },
    samples: (seed) => Array.from({ length: 8 }, (_, i) => Buffer.concat(written('LiveMessage', seed + i, 4))),
    words: ['\x01\0\0\0\x01a', '\x02\0\0\0\0', '\xff\xff\xff\xff', '\x12\0\0\0\x18'],
    take: async (input) => {
      const status = await inTime(
        new Promise<number>((resolve, reject) => {
          const options = { port: secure, path: '/segment/live', method: 'POST', rejectUnauthorized: false }
          const request = httpsRequest({ ...options, headers: liveHeaders }, (response) => {
            response.resume()
            response.once('close', () => resolve(response.statusCode ?? 0))
          })
          request.once('error', reject)
          request.end(input)
        }),
      )
      if (status !== 200) throw new Broken(`it answered ${status}`)
    },
    isOwn,
  },
  {
    name: 'viewer-door',
    takesAll: true,
    open: async () => {
      const edge = await openEdge()
      const path = edge.origin.put('run-1.m4s', 1_000)
      viewed = [edge.address(path, 1_000_000_000), edge.address(path, 1)]
      return () => edge[Symbol.asyncDispose]()
    },
    samples: () => viewed.map((address, i) => Buffer.from(`${new URL(address).pathname}\nbytes=${i}-${i + 10}`)),
    words: [
      '/edge/',
      '/cmaf/',
      '/stream/',
      '..',
      '%2f',
      '?r=',
      '\n',
      'bytes=-',
      'bytes=0-',
      '.m4s',
      '.ts',
      '~',
      '_',
      '-',
    ],
    take: async (input) => {
      const [path = '/', range = ''] = text(input).split('\n')
      const { port } = new URL(viewed[0] as string)
      const status = await inTime(
        new Promise<number>((resolve, reject) => {
          const headers = { range: printable(range) }
          const request = httpRequest({ port, path: pathOf(path), headers }, (response) => {
            response.resume()
            response.once('close', () => resolve(response.statusCode ?? 0))
          })
          request.once('error', reject)
          request.end()
        }),
      )
      if (status >= 500) throw new Broken(`it answered ${status}`)
    },
    isOwn,
  },
  {
    name: 'operator-api',
    takesAll: true,
    open: async () => {
      const hub = new EventHub()
      const log = silentLog
      const context = {
        nodeId: nodeId('o'),
        version: '0',
        hub,
        tell: () => {},
        log,
        chain: undefined,
        redeems: false,
        transcodes: false,
      }
      const server = new OperatorServer(
        { host: '127.0.0.1', port: 0, version: '0' },
        { hub, health: new Health([]), routes: operatorRoutes(context), log },
      )
      await server.start()
      operator = Number(new URL(server.url).port)
      return () => server.stop()
    },
    samples: () =>
      [
        '/setBroadcastConfig\nmaxPricePerUnit=1&pixelsPerUnit=3',
        '/bond\namount=5&toAddr=0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
        '/status?a=b\n',
        '/signMessage\nmessage=abc',
        '/setMaxPriceForCapability\nmaxPricePerUnit=1&pixelsPerUnit=1&pipeline=x&modelID=y',
        '/explain/x\n',
        '/vote\npoll=0x&choiceID=1',
        '/setLogLevel\nloglevel=3',
      ].map((one) => Buffer.from(one)),
    words: ['amount=', '&', '=', '%', '%00', '-1', '1e9', '99999999999999999999999999', '/', '..', '0x', 'toAddr='],
    take: async (input) => {
      const [path = '/', ...form] = text(input).split('\n')
      const body = form.join('\n')
      const reply = await inTime(
        new Promise<{ status: number; said: string }>((resolve, reject) => {
          const request = httpRequest(
            {
              port: operator,
              path: pathOf(path).replace(/^\/+(events|debug)/, '/x'),
              method: 'POST',
              headers: { 'content-type': 'application/x-www-form-urlencoded' },
            },
            (response) => {
              let said = ''
              response.on('data', (chunk) => {
                said += chunk
              })
              response.once('close', () => resolve({ status: response.statusCode ?? 0, said }))
            },
          )
          request.once('error', reject)
          request.end(body)
        }),
      )
      if (reply.said.includes('internal error')) throw new Broken(`it answered ${reply.status}: ${reply.said}`)
    },
    isOwn,
  },
  {
    name: 'webhook-answers',
    open: async () => {
      const server = createServer((_, response) => response.end(answer)).listen(0, '127.0.0.1')
      await once(server, 'listening')
      plain = (server.address() as AddressInfo).port
      return async () => {
        server.closeAllConnections()
        server.close()
      }
    },
    samples: () =>
      [
        '{"manifestID":"a","presets":["P240p30fps16x9"],"profiles":[{"name":"x","width":1,"height":1,"bitrate":1,"fps":1,"gop":"1"}]}',
        '[{"address":"https://127.0.0.1:8935","score":1}]',
        '{"0x1":{"FRA":{"score":0.5}}}',
      ].map((json) => Buffer.from(json)),
    words: ['null', '[]', '{}', '"__proto__":', '1e999', '"score":', '"profiles":', '"manifestID":"../x"', '\\u0000'],
    take: async (input) => {
      answer = Uint8Array.from(input)
      const url = `http://127.0.0.1:${plain}/`
      const clock = new ManualClock(Date.now())
      await new PerfScores({ url }, { clock, log: silentLog }).refresh()
      await webhookDirectory({ url }, { clock, log: silentLog }).find().catch(owned)
      await new AuthWebhook({ url }, { log: silentLog }).ask('rtmp://x/y')
    },
    isOwn,
  },
  {
    name: 'rtmp',
    takesAll: true,
    open: async () => {
      const failures: string[] = []
      const note = (_: string, meta?: Readonly<Record<string, unknown>>) => {
        if (meta?.code === 'rtmp_failed') failures.push(String(meta.reason))
      }
      const log: Log = { ...silentLog, warn: note, error: note, child: () => log }
      const server = new RtmpServer(
        { port: 0, handshakeTimeoutMs: 2_000, idleTimeoutMs: 2_000 },
        {
          log,
          onPublish: () => ({ accept: true, replace: true }),
          onPublication: (publication) => void drain(publication.frames),
        },
      )
      await server.start()
      rtmp = { port: server.port, failures }
      return () => server.stop()
    },
    samples: () => [rtmpSession],
    words: ['\x02\0\0\0\0\0\x04\x01\0\0\0\0\0\0\0\x01', '\xc3', '\x03\0\0\0\xff\xff\xff\x14', '\0\0\0\x05'],
    take: async (input) => {
      const socket = connect({ port: rtmp.port, host: '127.0.0.1' })
      socket.on('error', () => {})
      socket.resume()
      const closed = once(socket, 'close')
      socket.write(HANDSHAKE)
      socket.end(input)
      await inTime(closed)
      const failure = rtmp.failures.pop()
      if (failure !== undefined) throw new Broken(`it failed for a reason without a name: ${failure}`)
    },
    isOwn,
  },
]

const HANDSHAKE = Buffer.concat([Buffer.of(3), Buffer.alloc(1536, 0), Buffer.alloc(1536, 0)])

/** As it would stand in a request line: anything that begins with a slash and has no space. */
const pathOf = (text: string): string => text.replace(/[^\x21-\x7e]/g, '').replace(/^(?!\/)/, '/')

const printable = (value: string): string =>
  value
    .replace(/[^\x20-\x7e]/g, '')
    .trim()
    .slice(0, 60_000)

function owned(error: unknown): void {
  if (!isOwn(error)) throw error
}

async function drain(frames: AsyncIterable<unknown>): Promise<void> {
  try {
    for await (const _ of frames);
  } catch {
    // The end of a publication is told to its reader.
  }
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * What a stand-in does with the next jobs: `well` answers as the real server does; `slow` streams word by word with pauses;
 * `crash` breaks the connection off, `half` in the middle of the answer; `hang` never answers; `nonsense` answers what `nonsense` has, by default JSON that means nothing;
 * `oversize` never stops answering; `fail` answers that the model failed; `busy` that it takes no more.
 */
export type Behaviour = 'well' | 'slow' | 'crash' | 'half' | 'hang' | 'nonsense' | 'oversize' | 'fail' | 'busy'

/** A request that came, as the stand-in understood it. */
export type SeenRequest = {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly fields: Readonly<Record<string, unknown>>
  readonly files: Readonly<Record<string, { readonly name: string; readonly type: string; readonly bytes: Uint8Array }>>
}

/** A small server that follows somebody's published API, for tests. */
export type StandIn = {
  readonly url: string
  behaviour: Behaviour
  nonsense: string
  /** What its health says. */
  health: 'LOADING' | 'OK' | 'ERROR'
  /** Every request but those for health. */
  readonly seen: SeenRequest[]
  /** Connections that are open. */
  readonly connections: () => number
  close(): Promise<void>
}

/** What the server refuses with. */
export class Refusal extends Error {
  readonly status: number
  readonly body: unknown
  constructor(status: number, body: unknown) {
    super(`refused with ${status}`)
    this.status = status
    this.body = body
  }
}

export type Exchange = SeenRequest & {
  readonly url: URL
  readonly response: ServerResponse
  readonly standIn: StandIn
  json(value: unknown, status?: number): void
}

const MAX_BODY_BYTES = 64 * 1024 * 1024

/**
 * Opens a server on a free port of this machine. `health` answers what asks for its state, `job` the rest;
 * jobs that are not to go well are dealt with before `job` sees them, with errors as `failure` writes them.
 */
export async function openStandIn(of: {
  readonly health: (exchange: Exchange) => boolean
  readonly job: (exchange: Exchange) => void | Promise<void>
  readonly failure: (status: number, text: string) => unknown
  /** Whether a request is one that may go wrong. */
  readonly isJob: (path: string) => boolean
}): Promise<StandIn> {
  const server = createServer((request, response) => void answer(request, response))
  const standIn: StandIn = {
    url: await listen(server),
    behaviour: 'well',
    nonsense: '{"nothing": ["of", "that"]}',
    health: 'OK',
    seen: [],
    connections: () => open.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  const open = new Set<unknown>()
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const json = (value: unknown, status = 200) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(value))
    }
    try {
      const url = new URL(request.url ?? '/', standIn.url)
      const body = await readBody(request)
      const read = await readFields(request.headers['content-type'] ?? '', body)
      const seen = { method: request.method ?? '', path: url.pathname, headers: request.headers, ...read }
      const exchange = { ...seen, url, response, standIn, json }
      if (of.health(exchange)) return
      standIn.seen.push(seen)
      if (of.isJob(url.pathname) && misbehave(standIn, response, of.failure)) return
      await of.job(exchange)
    } catch (error) {
      if (response.headersSent) response.destroy()
      else if (error instanceof Refusal) json(error.body, error.status)
      else json(of.failure(500, String(error)), 500)
    }
  }
  return standIn
}

function misbehave(
  { behaviour, nonsense }: StandIn,
  response: ServerResponse,
  failure: (status: number, text: string) => unknown,
) {
  const say = (status: number, body: string) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  if (behaviour === 'crash') response.destroy()
  else if (behaviour === 'half') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
    response.write('{"half":', () => response.destroy())
  } else if (behaviour === 'nonsense') say(200, nonsense)
  else if (behaviour === 'fail') say(500, JSON.stringify(failure(500, 'CUDA out of memory')))
  else if (behaviour === 'busy') say(503, JSON.stringify(failure(503, 'no slot is free')))
  else if (behaviour === 'oversize') {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{"text":"')
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(64 * 1024)));
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  } else return behaviour === 'hang'
  return true
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += (chunk as Buffer).length
    if (length > MAX_BODY_BYTES) throw new Refusal(413, { detail: { msg: 'Request body too large' } })
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

/** Forms are read by the platform's own parser and not by ours, so that what ours writes is checked by another. */
async function readFields(type: string, body: Buffer): Promise<Pick<SeenRequest, 'fields' | 'files'>> {
  const fields: Record<string, unknown> = {}
  const files: Record<string, SeenRequest['files'][string]> = {}
  if (type.startsWith('application/json')) {
    try {
      return { fields: JSON.parse(body.toString('utf8')) as Record<string, unknown>, files }
    } catch {
      throw new Refusal(422, { detail: [{ loc: ['body', 0], msg: 'JSON decode error', type: 'json_invalid' }] })
    }
  }
  if (!type.startsWith('multipart/form-data')) return { fields, files }
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
  for (const [name, value] of form) {
    if (typeof value === 'string') fields[name] = value
    else files[name] = { name: value.name, type: value.type, bytes: new Uint8Array(await value.arrayBuffer()) }
  }
  return { fields, files }
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  })
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What can be wrong with an RPC. `frozen` keeps answering with the block that was the latest when it froze. */
export type RpcFault =
  | 'none'
  | 'limited'
  | 'limited in JSON'
  | 'HTML'
  | 'garbage'
  | 'empty'
  | 'half an answer'
  | 'internal error'
  | 'silent'
  | 'cut'
  | 'frozen'

type Body = { readonly id?: unknown; readonly method?: string; readonly params?: readonly unknown[] }

/** A proxy before a real RPC that misbehaves when it is told to; it counts what it was asked. */
export class FaultyRpc implements AsyncDisposable {
  fault: RpcFault = 'none'
  /** The header Retry-After of limited answers, in seconds. */
  retryAfter: number | undefined
  requests = 0
  /** Requests that met a fault. */
  faults = 0
  readonly #target: string
  readonly #server: Server
  #frozen: unknown

  constructor(options: { readonly target: string }) {
    this.#target = options.target
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch(() => response.destroy())
    })
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/key-that-nobody-may-see`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readText(request)
    this.requests++
    const { fault } = this
    if (fault !== 'none') this.faults++
    const json = (body: string, status = 200, headers = {}) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
    const limit = this.retryAfter === undefined ? {} : { 'retry-after': String(this.retryAfter) }
    const { id = null, method, params } = JSON.parse(text) as Body
    if (fault === 'limited') return void json('slow down', 429, limit)
    if (fault === 'limited in JSON')
      return void json(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32005, message: 'limit exceeded' } }), 429)
    if (fault === 'HTML') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>502</html>')
    if (fault === 'garbage') return void json('{"jsonrpc": "2.0", "id"')
    if (fault === 'empty') return void json('{}')
    if (fault === 'half an answer') return void response.writeHead(200, { 'content-length': 1000 }).write('{"jsonrpc"')
    if (fault === 'internal error') return void json('oops', 500)
    if (fault === 'silent') return
    if (fault === 'cut') return void request.socket.destroy()
    const latest = method === 'eth_getBlockByNumber' && params?.[0] === 'latest'
    if (fault === 'frozen' && latest && this.#frozen)
      return void json(JSON.stringify({ jsonrpc: '2.0', id, result: this.#frozen }))
    const answer = await fetch(this.#target, {
      method: 'POST',
      body: text,
      headers: { 'content-type': 'application/json' },
    })
    const body = await answer.text()
    if (latest) this.#frozen = (JSON.parse(body) as { result?: unknown }).result
    json(body, answer.status)
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

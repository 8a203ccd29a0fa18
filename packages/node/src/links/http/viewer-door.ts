import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log, Part } from '@millrace/base'
import type { EdgeService, ViewerAnswer } from '../edge-service.ts'
import { listenTls } from './listen-tls.ts'
import { type Listening, listenPlain } from './listening.ts'

export type ViewerDoorOptions = {
  readonly host: string
  readonly port: number
  readonly tls?: { readonly certFile: string; readonly keyFile: string } | undefined
  /** Answers under way at once. */
  readonly maxAnswers?: number
}

const MAX_ANSWERS = 10_000
/** Whoever does not take a piece of an answer in this time is let go. */
const PIECE_WITHIN_MS = 20_000
/** The accounts are exact to a piece where a viewer breaks off. */
const PIECE_BYTES = 64 * 1024

/** Where viewers fetch from an orchestrator: plain HTTP, or HTTPS with a certificate that browsers accept. */
export class ViewerDoor implements Part {
  readonly name = 'viewer-door'
  readonly #options: ViewerDoorOptions
  readonly #edge: Pick<EdgeService, 'view'>
  readonly #log: Log
  #listening: Listening | undefined
  #answers = 0

  constructor(options: ViewerDoorOptions, deps: { readonly edge: Pick<EdgeService, 'view'>; readonly log: Log }) {
    this.#options = options
    this.#edge = deps.edge
    this.#log = deps.log
  }

  get port(): number {
    return this.#listening?.port ?? this.#options.port
  }

  async start(): Promise<void> {
    const { host, port, tls } = this.#options
    const at = { host, port, flag: '-distributeAddr' }
    const handle = (request: IncomingMessage, response: ServerResponse) => void this.#handle(request, response)
    this.#listening = tls
      ? await listenTls(handle, { ...at, ...tls }, { log: this.#log })
      : await listenPlain(handle, at)
  }

  async stop(): Promise<void> {
    await this.#listening?.close()
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, headers, url = '/' } = request
    request.resume()
    if (this.#answers >= (this.#options.maxAnswers ?? MAX_ANSWERS)) {
      response.writeHead(503, { 'retry-after': '1', 'access-control-allow-origin': '*' })
      response.end()
      return
    }
    this.#answers++
    try {
      const answer = await this.#edge.view(url, {
        method,
        range: headers.range,
        ifNoneMatch: headers['if-none-match'],
      })
      answer.sent(await send(response, answer))
    } finally {
      this.#answers--
    }
  }
}

/** Writes an answer piece by piece; resolves with the bytes that were taken off our hands. */
async function send(response: ServerResponse, { status, headers, body }: ViewerAnswer): Promise<number> {
  if (response.destroyed) return 0
  response.writeHead(status, headers)
  let sent = 0
  while (sent < body.length) {
    const piece = body.subarray(sent, sent + PIECE_BYTES)
    if (!(await written(response, piece))) return sent
    sent += piece.length
  }
  response.end()
  return sent
}

/** False when the viewer went away, or took too long. */
function written(response: ServerResponse, piece: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (taken: boolean) => {
      clearTimeout(timer)
      response.removeListener('close', onClose)
      resolve(taken)
    }
    const onClose = () => settle(false)
    const timer = setTimeout(() => {
      response.destroy()
      settle(false)
    }, PIECE_WITHIN_MS)
    response.once('close', onClose)
    response.write(piece, (error) => settle(!error))
  })
}

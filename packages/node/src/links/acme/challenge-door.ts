import type { IncomingMessage, ServerResponse } from 'node:http'
import { hasCode, MillraceError } from '@millrace/base'
import { type Listening, listenPlain } from '../http/listening.ts'

const PREFIX = '/.well-known/acme-challenge/'

export type ChallengeDoorOptions = {
  readonly host: string
  /** 80, or where a router sends what comes to port 80. */
  readonly port: number
  readonly domains: readonly string[]
  /** Where the names are served by HTTPS; 443 unless given. */
  readonly securePort?: number | undefined
  /** The flag that changes `host` and `port`. */
  readonly flag: string
}

/** The plain port 80: it answers challenges, and sends everybody else to HTTPS. */
export class ChallengeDoor {
  readonly #options: ChallengeDoorOptions
  readonly #answers = new Map<string, string>()
  #listening: Listening | undefined

  constructor(options: ChallengeDoorOptions) {
    this.#options = options
  }

  get port(): number {
    return this.#listening?.port ?? this.#options.port
  }

  /** Throws `port_in_use` or `cannot_listen`. */
  async start(): Promise<void> {
    const { host, port, flag } = this.#options
    try {
      this.#listening = await listenPlain((request, response) => this.#handle(request, response), { host, port, flag })
    } catch (cause) {
      const isRefused = hasCode(cause, 'cannot_listen') && port < 1024
      if (!isRefused) throw cause
      throw new MillraceError(
        'cannot_listen',
        `port ${port} may be opened by the administrator only: give the program that right (setcap cap_net_bind_service=+ep on node, or AmbientCapabilities of systemd), or choose another with ${flag} and have port ${port} forwarded to it`,
        { cause, meta: { port, flag } },
      )
    }
  }

  async stop(): Promise<void> {
    await this.#listening?.close()
  }

  /** Answers a token until the result is called. */
  open(token: string, answer: string): () => void {
    this.#answers.set(token, answer)
    return () => void this.#answers.delete(token)
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    request.resume()
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
    const answer = pathname.startsWith(PREFIX) ? this.#answers.get(pathname.slice(PREFIX.length)) : undefined
    if (answer !== undefined) {
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' })
      response.end(answer)
      return
    }
    if (pathname.startsWith(PREFIX)) return text(response, 404, 'this challenge is not known here')
    const { domains, securePort = 443 } = this.#options
    const asked = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
    // Nobody is sent to a name that is not ours.
    const name = domains.includes(asked) ? asked : domains[0]
    if (name === undefined) return text(response, 404, 'nothing is served here')
    const port = securePort === 443 ? '' : `:${securePort}`
    response.setHeader('location', `https://${name}${port}${pathname}${search}`)
    text(response, request.method === 'GET' || request.method === 'HEAD' ? 301 : 308, 'this is served by https')
  }
}

function text(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(`${message}\n`)
}

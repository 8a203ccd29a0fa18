import { createHash, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'
import { pipeline } from 'node:stream'
import { type Log, type Part, silentLog } from '@millrace/base'
import { encodeView } from '@millrace/wire'
import type { EventHub } from '../events/event-hub.ts'
import type { CertificateFiles } from '../links/http/certificate-files.ts'
import { listenTls } from '../links/http/listen-tls.ts'
import { type Listening, listenPlain } from '../links/http/listening.ts'
import { streamEvents } from './sse.ts'

export type WebServerOptions = {
  readonly host: string
  readonly port: number
  /** The built page. */
  readonly folder: string
  /** The gateway's HTTP address, whose HLS is shown under /hls. */
  readonly gatewayUrl: string
  /** Where else the page's player may fetch from. */
  readonly mediaOrigins?: readonly string[]
  /** What the page tells about the network: addresses to publish to, the stream to show. */
  readonly info: () => object
  /** PEM files with which the page is served by TLS; they are read again when they change. */
  readonly tls?: CertificateFiles | undefined
  /** Without it, as a bearer token, nobody publishes through this page. */
  readonly publishKey?: string | undefined
  /** The flag that moves the port; --web-port unless given. */
  readonly flag?: string
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
  '.ico': 'image/x-icon',
  '.map': 'application/json',
}

/** With its host and origin the gateway tells this page from those of other sites. */
const FORWARDED = ['range', 'host', 'origin', 'content-type', 'content-length', 'authorization', 'if-match'] as const

/** The page, its events and its video on one origin: /, /api/network, /api/events, /cmaf, /hls (and /stream, which playlists name), /webrtc. */
export class WebServer implements Part {
  readonly name = 'web-server'
  readonly #options: WebServerOptions
  readonly #hub: EventHub
  readonly #log: Log
  readonly #stopping = new AbortController()
  #listening: Listening | undefined

  constructor(options: WebServerOptions, deps: { readonly hub: EventHub; readonly log?: Log }) {
    this.#options = options
    this.#log = deps.log ?? silentLog
    this.#hub = deps.hub
  }

  get url(): string {
    const { host, tls } = this.#options
    return `${tls ? 'https' : 'http'}://${host === '0.0.0.0' ? '127.0.0.1' : host}:${this.#listening?.port ?? this.#options.port}`
  }

  async start(): Promise<void> {
    const { host, port, tls, flag = '--web-port' } = this.#options
    const handle: RequestListener = (request, response) => void this.#handle(request, response)
    const at = { host, port, flag }
    this.#listening = tls
      ? await listenTls(handle, { ...at, ...tls }, { log: this.#log })
      : await listenPlain(handle, at)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#listening?.close()
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
    if (pathname.startsWith('/webrtc/whip/') && request.method === 'POST' && !this.#mayPublish(request)) {
      response.setHeader('www-authenticate', 'Bearer')
      return text(response, 401, 'publishing needs the key that the network printed when it started')
    }
    if (pathname.startsWith('/webrtc/')) return this.#proxy(`${pathname}${search}`, request, response)
    if (request.method !== 'GET' && request.method !== 'HEAD') return text(response, 405, 'only GET is served here')
    if (pathname === '/api/network') {
      const body = { ...this.#options.info(), view: JSON.parse(encodeView(this.#hub.view())) }
      response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      response.end(JSON.stringify(body))
      return
    }
    if (pathname === '/api/events') return streamEvents(this.#hub, response, { signal: this.#stopping.signal })
    // What a playlist asks for beside its name says which part is waited for, and who watches.
    if (pathname.startsWith('/cmaf/')) return this.#proxy(`${pathname}${search}`, request, response)
    if (pathname.startsWith('/hls/')) return this.#proxy(`/stream/${pathname.slice(5)}${search}`, request, response)
    if (pathname.startsWith('/stream/')) return this.#proxy(`${pathname}${search}`, request, response)
    return this.#file(pathname, response)
  }

  #mayPublish({ headers: { authorization = '' } }: IncomingMessage): boolean {
    const { publishKey } = this.#options
    if (publishKey === undefined) return true
    const hash = (value: string) => createHash('sha256').update(value).digest()
    return timingSafeEqual(hash(authorization.replace(/^Bearer +/i, '')), hash(publishKey))
  }

  #proxy(path: string, request: IncomingMessage, response: ServerResponse): void {
    const headers: Record<string, string | string[] | undefined> = Object.fromEntries(
      FORWARDED.flatMap((name) => (request.headers[name] === undefined ? [] : [[name, request.headers[name]]])),
    )
    // Our key is not the gateway's business.
    if (this.#options.publishKey !== undefined) delete headers.authorization
    // The gateway believes it where it is told to trust this machine.
    headers['x-forwarded-for'] = request.socket.remoteAddress
    headers['x-forwarded-proto'] = this.#options.tls ? 'https' : 'http'
    const outgoing = httpRequest(
      new URL(path, this.#options.gatewayUrl),
      { method: request.method ?? 'GET', headers, timeout: 10_000 },
      (incoming) => {
        response.writeHead(incoming.statusCode ?? 502, incoming.headers)
        // When the gateway breaks off, so does the answer: a part must not pass for the whole.
        pipeline(incoming, response, () => {})
      },
    )
    outgoing.on('timeout', () => outgoing.destroy(new Error('timeout')))
    outgoing.on('error', () => {
      if (!response.headersSent) text(response, 502, 'the gateway does not answer')
      else response.destroy()
    })
    response.on('close', () => outgoing.destroy())
    // A body that breaks off must not be taken for the whole one.
    pipeline(request, outgoing, () => {})
  }

  async #file(pathname: string, response: ServerResponse): Promise<void> {
    let name: string
    try {
      name = normalize(decodeURIComponent(pathname))
    } catch {
      return text(response, 400, 'the path is not well-formed')
    }
    if (name.includes('\0') || name.split(sep).includes('..')) return text(response, 404, 'not found')
    // Pages of the app have addresses without an extension: they all load the app itself.
    const file = extname(name) === '' ? 'index.html' : name
    try {
      const body = await readFile(join(this.#options.folder, file))
      response.writeHead(200, {
        'content-type': CONTENT_TYPES[extname(file)] ?? 'application/octet-stream',
        'cache-control': file.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
        'x-content-type-options': 'nosniff',
        'content-security-policy': `default-src 'self'; img-src 'self' data:; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; connect-src ${["'self'", ...(this.#options.mediaOrigins ?? [])].join(' ')}`,
        'referrer-policy': 'no-referrer',
      })
      response.end(body)
    } catch {
      text(response, 404, 'not found')
    }
  }
}

function text(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(`${message}\n`)
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Part } from '@millrace/base'
import { type Listening, listenPlain } from '../links/http/listening.ts'
import type { ScoreBoard, ScoreQuery } from './score-board.ts'

/**
 * The scores over HTTP, with the paths and parameters of the network's leaderboard: /api/aggregated_stats, /api/raw_stats, /api/regions.
 * /api/aggregated_stats is what a gateway's -orchPerfStatsUrl names. Everything is read only and open to any page.
 */
export class LeaderboardServer implements Part {
  readonly name = 'leaderboard-server'
  readonly #at: { readonly host: string; readonly port: number }
  readonly #board: ScoreBoard
  #listening: Listening | undefined

  constructor(at: { readonly host: string; readonly port: number }, deps: { readonly board: ScoreBoard }) {
    this.#at = at
    this.#board = deps.board
  }

  get url(): string {
    return `http://${this.#at.host}:${this.#listening?.port ?? this.#at.port}`
  }

  async start(): Promise<void> {
    this.#listening = await listenPlain((request, response) => this.#handle(request, response), {
      ...this.#at,
      flag: '--http-addr',
    })
  }

  async stop(): Promise<void> {
    await this.#listening?.close()
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, { error: 'read only' })
    if (pathname === '/healthz') return answer(response, 200, { ok: true })
    if (pathname === '/api/regions')
      return answer(response, 200, {
        regions: this.#board.regions().map((id) => ({ id, name: id, type: 'transcoding' })),
      })
    const query = readQuery(searchParams)
    if (typeof query === 'string') return answer(response, 400, { error: query })
    if (pathname === '/api/aggregated_stats') return answer(response, 200, this.#board.aggregated(query))
    if (pathname === '/api/raw_stats')
      return query.orchestrator === undefined
        ? answer(response, 400, { error: 'orchestrator is a required parameter' })
        : answer(response, 200, Object.values(this.#board.raw(query))[0] ?? {})
    answer(response, 404, { error: 'there is /api/aggregated_stats, /api/raw_stats and /api/regions' })
  }
}

/** The query, or what is wrong with it. */
function readQuery(parameters: URLSearchParams): ScoreQuery | string {
  const number = (name: string) => {
    const text = parameters.get(name)
    return text === null ? undefined : Number(text)
  }
  const since = number('since')
  const until = number('until')
  if (Number.isNaN(since) || Number.isNaN(until)) return 'since and until are seconds since 1970'
  return {
    orchestrator: parameters.get('orchestrator') ?? undefined,
    region: parameters.get('region') ?? undefined,
    since,
    until,
  }
}

function answer(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'access-control-allow-origin': '*' })
  response.end(JSON.stringify(value))
}

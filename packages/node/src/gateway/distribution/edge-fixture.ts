import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Clock, rational, silentLog, systemClock } from '@millrace/base'
import { DEVNET_PRICE_PER_BYTE } from '@millrace/payments'
import { manifestId, type NodeEventBody, signOrchestratorRequest } from '@millrace/wire'
import { SecureClient } from '../../links/http/secure-fetch.ts'
import { openOrchestrator } from '../../orchestrator/orchestrator-fixture.ts'
import { KeyPayments, type PaymentSource } from '../payment-source.ts'
import { EdgeLink } from './edge-link.ts'

export const STREAM = manifestId('stream')
export const newViewer = (): string => randomBytes(8).toString('hex')

/** A gateway's web server as edges see it: files by path, and how often each was asked for. */
export async function openOrigin() {
  const files = new Map<string, Uint8Array>()
  const asked: string[] = []
  let answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (answer) return answer(request, response)
    const data = files.get(request.url ?? '')
    response.writeHead(data ? 200 : 404)
    response.end(data)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    /** Puts a segment of so many bytes there; returns its path. */
    put: (name: string, length: number): string => {
      const path = `/cmaf/${STREAM}/720p0/${name}`
      files.set(path, new Uint8Array(randomBytes(length)))
      return path
    },
    file: (path: string) => files.get(path) as Uint8Array,
    answerBy: (by: typeof answer) => {
      answer = by
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** An orchestrator that serves viewers behind its real doors, with real payments, and the gateway's side of a session with it. */
export async function openEdge(
  options: Parameters<typeof openOrchestrator>[0] & {
    readonly clock?: Clock
    /** False to leave the session to the test. */
    readonly open?: boolean
  } = {},
) {
  const { clock = systemClock } = options
  const origin = await openOrigin()
  const orchestrator = await openOrchestrator({ pricePerByte: DEVNET_PRICE_PER_BYTE, ...options })
  const http = new SecureClient()
  const events: NodeEventBody[] = []
  const { gatewaySigner } = orchestrator
  const payer = new KeyPayments({ signer: gatewaySigner, tickets: orchestrator.tickets })
  const newInfo = () => orchestrator.orchestrator.getOrchestrator(signOrchestratorRequest(gatewaySigner))
  const first = await newInfo()
  const linkOf = (paying: PaymentSource | undefined, info = first) =>
    new EdgeLink(
      { manifestId: STREAM, serviceUri: orchestrator.serviceUri(), info, origin: origin.url },
      { payer: paying, http, clock, tell: (event) => events.push(event), log: silentLog },
    )
  const link = linkOf(options.unpaidEdge ? undefined : payer)
  if (options.open !== false) await link.open()
  return {
    link,
    /** Another one, with the token of the same session unless there is another. */
    linkOf,
    /** The terms of a new session. */
    newInfo,
    payer,
    orchestrator,
    origin,
    http,
    /** Of the gateway. */
    events,
    /** What the edge has of the gateway's money, in wei. */
    balance: () => orchestrator.balances.balance(gatewaySigner.address, link.sessionId) ?? rational(0n),
    /** The address of a file for a viewer who may have so much. */
    address: (path: string, bytes: number, viewer = newViewer()) => link.addressOf(viewer, { path, bytes }),
    [Symbol.asyncDispose]: async () => {
      http.close()
      await orchestrator[Symbol.asyncDispose]()
      await origin[Symbol.asyncDispose]()
    },
  }
}

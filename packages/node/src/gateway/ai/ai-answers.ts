import type { ServerResponse } from 'node:http'
import { errorBody } from '@millrace/ai'

/** Answers with JSON. */
export function send(response: ServerResponse, status: number, body: Readonly<Record<string, unknown>>): void {
  if (response.destroyed) return
  const text = JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) })
  response.end(text)
}

/** Answers with an error that both kinds of clients can read. */
export function fail(response: ServerResponse, status: number, message: string): void {
  if (response.destroyed) return
  const text = errorBody(message)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) })
  response.end(text)
}

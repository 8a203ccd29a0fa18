import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readBody } from '../links/http/read-body.ts'

/** A web server of an operator, for tests: answers what the test says and remembers what it was asked. */
export async function openWeb(initial: unknown = undefined) {
  const asked: { readonly method: string | undefined; readonly path: string | undefined; readonly body: string }[] = []
  const state: { answer: (request: IncomingMessage, response: ServerResponse) => void } = {
    answer: (_, response) => void response.end(JSON.stringify(initial)),
  }
  const server = createServer((request, response) => {
    void readBody(request, { maxBytes: 1_000_000, timeoutMs: 5_000 }).then((body) => {
      asked.push({ method: request.method, path: request.url, body: Buffer.from(body).toString('utf8') })
      state.answer(request, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/list`,
    asked,
    /** Answers with this JSON from now on. */
    serve: (value: unknown) => {
      state.answer = (_, response) => void response.end(JSON.stringify(value))
    },
    /** Answers by hand from now on. */
    serveBy: (answer: (request: IncomingMessage, response: ServerResponse) => void) => {
      state.answer = answer
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** What an operator's web server may do wrong. */
export const BAD_ANSWERS: readonly (readonly [string, (response: ServerResponse) => void])[] = [
  ['an error', (response) => void response.writeHead(500).end()],
  ['a redirect', (response) => void response.writeHead(302, { location: 'http://169.254.169.254/' }).end()],
  ['no JSON', (response) => void response.end('<html>')],
  ['JSON of another shape', (response) => void response.end('{"a":[1]}')],
  ['more than it may', (response) => void response.end(`["${'x'.repeat(5 << 20)}"]`)],
  [
    'half an answer',
    (response) => void response.writeHead(200, { 'content-length': '100' }).write('[', () => response.destroy()),
  ],
]

import type { ServerResponse } from 'node:http'

/** Why a gateway chose as it did for one stream; undefined for a stream that it does not know. */
export type Explain = (manifestId: string) => unknown

/** Answers GET /explain/{manifestId} of a node's operator port. */
export function answerExplain(pathname: string, response: ServerResponse, explain: Explain | undefined): void {
  const manifestId = /^\/explain\/([^/]+)$/.exec(pathname)?.[1]
  const explanation = manifestId === undefined ? undefined : explain?.(manifestId)
  response.writeHead(explanation === undefined ? 404 : 200, { 'content-type': 'application/json' })
  const nothing = { error: 'this node made no choice for that stream: expected /explain/{manifestId} on a gateway' }
  response.end(JSON.stringify(explanation ?? nothing))
}

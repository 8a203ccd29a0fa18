import type { IncomingMessage } from 'node:http'

/** True when a browser sends the request for a page of another site: it must not be able to spend this gateway's money. */
export function isForeignPage({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const { origin, host } = headers
  return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`
}

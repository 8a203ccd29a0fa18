import type { IncomingMessage } from 'node:http'
import type { CameBy } from '../links/http/trusted-proxies.ts'

/** True when a browser sends the request for a page of another site: it must not be able to spend this gateway's money. */
export function isForeignPage(
  { headers: { origin } }: Pick<IncomingMessage, 'headers'>,
  { host }: Pick<CameBy, 'host'>,
): boolean {
  return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`
}

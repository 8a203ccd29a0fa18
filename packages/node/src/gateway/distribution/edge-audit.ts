import { randomBytes } from 'node:crypto'
import { equalBytes, MillraceError } from '@millrace/base'
import { guardedRequest } from '@millrace/base/node'
import type { EdgeLink } from './edge-link.ts'

/** A file that viewers are sent to an edge for: its path, and its bytes as this gateway has them. */
export type AuditSample = { readonly path: string; readonly data: Uint8Array }

const TIMEOUT_MS = 5_000

/**
 * Fetches a file from an edge as a viewer would, and compares. Throws `edge_tampered` when it is another one, and what
 * `guardedRequest` throws when the edge does not serve.
 */
export async function auditEdge(
  link: Pick<EdgeLink, 'addressOf'>,
  { path, data }: AuditSample,
  options: { readonly allowPrivate: boolean; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const address = link.addressOf(randomBytes(8).toString('hex'), { path, bytes: data.length })
  const answer = await guardedRequest(address, {
    ...options,
    headTimeoutMs: TIMEOUT_MS,
    timeoutMs: TIMEOUT_MS,
    // One byte too many tells as much as all of them.
    maxBytes: data.length + 1,
    maxRedirects: 0,
  })
  const pieces: Uint8Array[] = []
  for await (const piece of answer.body) pieces.push(piece)
  if (!equalBytes(new Uint8Array(Buffer.concat(pieces)), data))
    throw new MillraceError('edge_tampered', 'what the edge serves is not what this gateway made')
}

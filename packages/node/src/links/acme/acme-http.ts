import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import { errorText } from '@millrace/base'
import { readBody } from '../http/read-body.ts'
import { AcmeError } from './acme-error.ts'

const TIMEOUT_MS = 30_000
const MAX_BYTES = 512 * 1024

export type AcmeAnswer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }

/**
 * One request to a certificate authority, whose own certificate is checked. `ca` replaces the authorities that this machine trusts.
 * Throws a retryable `acme_unreachable`; an answer of any status is an answer.
 */
export async function acmeRequest(
  url: string,
  options: {
    readonly method: 'GET' | 'HEAD' | 'POST'
    readonly body?: string
    readonly ca?: string | undefined
    readonly accept?: string | undefined
    readonly signal?: AbortSignal | undefined
  },
): Promise<AcmeAnswer> {
  const { method, body, ca, accept, signal } = options
  const unreachable = (cause: unknown) =>
    new AcmeError(
      'acme_unreachable',
      `the certificate authority at ${new URL(url).origin} cannot be reached: ${errorText(cause)}; check the network and the directory's address (a private authority's root is named by NODE_EXTRA_CA_CERTS)`,
      { cause, retryable: true },
    )
  if (!url.startsWith('https://')) throw new AcmeError('acme_failed', 'a certificate authority is asked by https only')
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method,
      headers: {
        'user-agent': 'millrace',
        ...(accept !== undefined && { accept }),
        ...(body !== undefined && {
          'content-type': 'application/jose+json',
          'content-length': Buffer.byteLength(body),
        }),
      },
      timeout: TIMEOUT_MS,
      ...(ca !== undefined && { ca }),
      ...(signal && { signal }),
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${TIMEOUT_MS / 1_000} s`)))
    outgoing.on('error', (cause) => reject(signal?.aborted ? cause : unreachable(cause)))
    outgoing.on('response', (incoming) => {
      readBody(incoming, { maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS }).then(
        (bytes) =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text: Buffer.from(bytes).toString('utf8'),
          }),
        (cause) => reject(unreachable(cause)),
      )
    })
    outgoing.end(body)
  })
}

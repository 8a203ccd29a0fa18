import type { RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import { errorText, type Log } from '@millrace/base'
import { type CertificateFiles, followCertificate } from './certificate-files.ts'
import { bind, isUrl, type ListenAt, type Listening, refusePath } from './listening.ts'

/**
 * Listens for HTTPS with a certificate that is read again when its files change; what cannot be used leaves the one before in use.
 * Throws `bad_certificate`, `port_in_use` or `cannot_listen`.
 */
export async function listenTls(
  handle: RequestListener,
  at: ListenAt & CertificateFiles & { readonly lookEveryMs?: number },
  deps: { readonly log: Log },
): Promise<Listening> {
  let server: Server | undefined
  let port = 0
  const leave = await followCertificate(
    at,
    async (pair) => {
      if (server) return server.setSecureContext(pair)
      server = createServer(pair, (request, response) =>
        isUrl(request.url) ? handle(request, response) : refusePath(request, response),
      )
      server.on('tlsClientError', (error) => deps.log.debug('a TLS handshake failed', { error: errorText(error) }))
      port = await bind(server, at)
    },
    deps,
  )
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        leave()
        server?.close(() => resolve())
        server?.closeAllConnections()
      }),
  }
}

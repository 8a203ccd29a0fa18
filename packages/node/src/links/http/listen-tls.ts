import type { RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import { errorText, type Log } from '@millrace/base'
import { type CertificateFiles, followCertificate } from './certificate-files.ts'
import {
  bind,
  HANDSHAKE_TIMEOUT_MS,
  isUrl,
  type ListenAt,
  type Listening,
  refusePath,
  takeUpgrades,
  trackConnections,
} from './listening.ts'
import { serveTurnBeside } from './turn-beside-https.ts'

/**
 * Listens for HTTPS with a certificate that is read again when its files change; what cannot be used leaves the one before in use.
 * With `turnPort` it serves TURN as well, by a TURN server that listens there on this machine.
 * Throws `bad_certificate`, `port_in_use` or `cannot_listen`.
 */
export async function listenTls(
  handle: RequestListener,
  at: ListenAt & CertificateFiles & { readonly lookEveryMs?: number; readonly turnPort?: number | undefined },
  deps: { readonly log: Log },
): Promise<Listening> {
  let server: Server | undefined
  let cutAll = () => {}
  let port = 0
  const leave = await followCertificate(
    at,
    async (pair) => {
      if (server) return server.setSecureContext(pair)
      server = createServer({ ...pair, handshakeTimeout: HANDSHAKE_TIMEOUT_MS }, (request, response) =>
        isUrl(request.url) ? handle(request, response) : refusePath(request, response),
      )
      server.on('tlsClientError', (error) => deps.log.debug('a TLS handshake failed', { error: errorText(error) }))
      takeUpgrades(server, at.onUpgrade)
      cutAll = trackConnections(server)
      if (at.turnPort !== undefined) serveTurnBeside(server, at.turnPort)
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
        cutAll()
      }),
  }
}

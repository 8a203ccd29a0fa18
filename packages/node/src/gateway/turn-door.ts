import { errorText, hasCode, type Log, MillraceError } from '@millrace/base'
import type { WebRtcServer } from '@millrace/media'
import type { GatewayConfig } from '../config/node-config.ts'
import { followCertificate } from '../links/http/certificate-files.ts'

const FLAGS = '-turnAddr or -turnsAddr (millrace up: --turn-port, --turns-port)'

/** Opens the gateway's TURN ports, where it has any; the result ends the looking for new certificates. */
export async function openTurn(
  server: Pick<WebRtcServer, 'start' | 'setCertificate'>,
  { webrtc, tls }: Pick<GatewayConfig, 'webrtc' | 'tls'>,
  deps: { readonly log: Log },
): Promise<() => void> {
  try {
    await server.start()
    if (webrtc?.turn?.secure === undefined) return () => {}
    const certificate = webrtc.turn.certificate ?? tls
    if (!certificate)
      throw new MillraceError(
        'certificate_missing',
        'TURN over TLS needs a certificate: name one with -httpCert and -httpKey, or order one with -acmeDomain',
      )
    return await followCertificate(certificate, (pair) => server.setCertificate(pair), deps)
  } catch (cause) {
    if (!hasCode(cause, 'port_in_use')) throw cause
    throw new MillraceError('port_in_use', `TURN: ${errorText(cause)}: free it or choose another with ${FLAGS}`, {
      cause,
    })
  }
}

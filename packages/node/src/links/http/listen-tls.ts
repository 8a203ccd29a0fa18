import { readFile, stat } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import { createSecureContext } from 'node:tls'
import { errorText, type Log, MillraceError } from '@millrace/base'
import { bind, isUrl, type ListenAt, type Listening, refusePath } from './listening.ts'

/** A certificate with those above it, and its key, as PEM files. */
export type CertificateFiles = { readonly certFile: string; readonly keyFile: string }

/** Who renews certificates replaces a file or the link to it: looking at its time sees both. */
const LOOK_EVERY_MS = 10_000

/**
 * Listens for HTTPS with a certificate that is read again when its files change; what cannot be used leaves the one before in use.
 * Throws `bad_certificate`, `port_in_use` or `cannot_listen`.
 */
export async function listenTls(
  handle: RequestListener,
  at: ListenAt & CertificateFiles & { readonly lookEveryMs?: number },
  deps: { readonly log: Log },
): Promise<Listening> {
  let changed = await lastChange(at)
  const server = createServer(await readPair(at), (request, response) =>
    isUrl(request.url) ? handle(request, response) : refusePath(request, response),
  )
  server.on('tlsClientError', (error) => deps.log.debug('a TLS handshake failed', { error: errorText(error) }))
  const port = await bind(server, at)
  const look = async () => {
    try {
      const latest = await lastChange(at)
      if (latest === changed) return
      server.setSecureContext(await readPair(at))
      changed = latest
      deps.log.info('the certificate was read again', { certFile: at.certFile })
    } catch (error) {
      deps.log.warn('the new certificate cannot be used, the one before is', { error: errorText(error) })
    }
  }
  const timer = setInterval(() => void look(), at.lookEveryMs ?? LOOK_EVERY_MS)
  timer.unref()
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        clearInterval(timer)
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function readPair({ certFile, keyFile }: CertificateFiles): Promise<{ cert: Buffer; key: Buffer }> {
  try {
    const pair = { cert: await readFile(certFile), key: await readFile(keyFile) }
    // Fails where the two do not belong together, as when one of them is not replaced yet.
    createSecureContext(pair)
    return pair
  } catch (cause) {
    throw new MillraceError(
      'bad_certificate',
      `the certificate ${certFile} with the key ${keyFile} cannot be used: ${errorText(cause)}; expected PEM files that belong together`,
      { cause },
    )
  }
}

/** Changes when either file does; one that is missing for a moment counts as not changed yet. */
async function lastChange({ certFile, keyFile }: CertificateFiles): Promise<string> {
  const times = await Promise.all([certFile, keyFile].map((file) => stat(file).catch(() => undefined)))
  return times.map((of) => `${of?.mtimeMs}/${of?.ino}/${of?.size}`).join(' ')
}

import { readFile, stat } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { errorText, type Log, MillraceError } from '@millrace/base'

/** A certificate with those above it, and its key, as PEM files. */
export type CertificateFiles = { readonly certFile: string; readonly keyFile: string }

export type CertificatePair = { readonly cert: Buffer; readonly key: Buffer }

/** Who renews certificates replaces a file or the link to it: looking at its time sees both. */
const LOOK_EVERY_MS = 2_000

/**
 * Reads a certificate, and again whenever its files change; what cannot be used is told and left. The result ends the looking.
 * Throws `bad_certificate` where it cannot be used from the start.
 */
export async function followCertificate(
  files: CertificateFiles & { readonly lookEveryMs?: number },
  use: (pair: CertificatePair) => void | Promise<void>,
  deps: { readonly log: Log },
): Promise<() => void> {
  let changed = await lastChange(files)
  await use(await readPair(files))
  const look = async () => {
    try {
      const latest = await lastChange(files)
      if (latest === changed) return
      await use(await readPair(files))
      changed = latest
      deps.log.info('the certificate was read again', { certFile: files.certFile })
    } catch (error) {
      deps.log.warn('the new certificate cannot be used, the one before is', { error: errorText(error) })
    }
  }
  const timer = setInterval(() => void look(), files.lookEveryMs ?? LOOK_EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}

async function readPair({ certFile, keyFile }: CertificateFiles): Promise<CertificatePair> {
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

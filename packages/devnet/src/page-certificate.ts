import { X509Certificate } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import type { Log, MillraceError, Part } from '@millrace/base'
import { diskError } from '@millrace/base/node'
import { type AcmeConfig, CertificateKeeper, makeCertificate } from '@millrace/node'

/** A self-made certificate is renewed this long before it ends. */
const RENEW_BEFORE_MS = 30 * 24 * 3600_000

/** Where the page's certificate comes from: an authority, or nobody but this machine, for these names and addresses. */
export type PageCertificate = { readonly acme: AcmeConfig } | { readonly selfMade: readonly string[] }

export type OpenedCertificate = {
  readonly files: { readonly certFile: string; readonly keyFile: string }
  /** Keeps it; undefined for a self-made one. */
  readonly keeper?: CertificateKeeper
}

/** Has the files of a certificate in the folder, and a part that keeps them good. */
export async function openPageCertificate(
  from: PageCertificate,
  at: { readonly folder: string; readonly securePort: number },
  deps: { readonly log: Log; readonly warn: (error: MillraceError) => void; readonly parts: Part[] },
): Promise<OpenedCertificate> {
  const folder = join(at.folder, 'certificate')
  if ('acme' in from) {
    const { http, ...authority } = from.acme
    const door = { ...http, securePort: at.securePort, flag: '--acme-http-port' }
    const keeper = new CertificateKeeper({ ...authority, folder, door }, deps)
    deps.parts.push(keeper)
    await keeper.start()
    return { files: keeper.files, keeper }
  }
  const own = join(folder, 'self-made')
  const files = { certFile: join(own, 'cert.pem'), keyFile: join(own, 'key.pem') }
  await mkdir(own, { recursive: true, mode: 0o700 }).catch((cause) => {
    throw diskError(cause, own)
  })
  // Whoever has accepted a certificate once is not asked again while it stays the same.
  if (!(await serves(files.certFile, from.selfMade))) await makeCertificate(from.selfMade, own)
  return { files }
}

async function serves(file: string, names: readonly string[]): Promise<boolean> {
  try {
    const certificate = new X509Certificate(await readFile(file))
    const isFor = (name: string) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined
    return names.every(isFor) && Date.parse(certificate.validTo) > Date.now() + RENEW_BEFORE_MS
  } catch {
    return false
  }
}

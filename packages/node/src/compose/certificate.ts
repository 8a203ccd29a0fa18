import { join } from 'node:path'
import type { Part } from '@millrace/base'
import type { AcmeConfig, ListenAddress } from '../config/node-config.ts'
import { CertificateKeeper } from '../links/acme/certificate-keeper.ts'
import type { Shared } from './shared.ts'

/** Keeps the certificate of the port `served`; it starts before the doors that use it, and stops after them. */
export function composeCertificate(
  config: AcmeConfig,
  served: ListenAddress,
  { config: { folder }, tell, log }: Pick<Shared, 'config' | 'tell' | 'log'>,
  parts: Part[],
): CertificateKeeper {
  const { http, ...authority } = config
  const keeper = new CertificateKeeper(
    {
      ...authority,
      folder: join(folder, 'acme'),
      door: { ...http, securePort: served.port, flag: '-acmeHttpAddr' },
    },
    { log, warn: ({ code, message }) => tell({ type: 'warning', code, message }) },
  )
  parts.push(keeper)
  return keeper
}

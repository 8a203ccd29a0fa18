import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { writeFileAtomic } from '@millrace/base/node'
import * as x509 from '@peculiar/x509'

export type Certificate = { readonly cert: string; readonly key: string }

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const YEAR_MS = 365 * 24 * 3600_000

/**
 * Makes a fresh self-signed certificate for the host, or for several, and writes it to cert.pem and key.pem in the folder.
 * Peers of the network do not validate certificates; identity comes from signatures (wire spec, TLS).
 */
export async function makeCertificate(host: string | readonly string[], folder?: string): Promise<Certificate> {
  x509.cryptoProvider.set(webcrypto as never)
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
  const names = (typeof host === 'string' ? [host] : host).map((one): x509.JsonGeneralName => {
    // An address of IPv6 stands in brackets where it is part of a URL.
    const bare = one.replace(/^\[|\]$/g, '')
    return isIP(bare) ? { type: 'ip', value: bare } : { type: 'dns', value: one }
  })
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(16))).toString('hex'),
    name: 'O=Millrace',
    notBefore: new Date(Date.now() - 3600_000),
    notAfter: new Date(Date.now() + YEAR_MS),
    keys: keys as never,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names),
    ],
  })
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString('base64').replace(/(.{64})/g, '$1\n')}\n-----END PRIVATE KEY-----\n`
  const cert = certificate.toString('pem')
  if (folder) {
    await writeFileAtomic(join(folder, 'cert.pem'), cert, { mode: 0o644 })
    await writeFileAtomic(join(folder, 'key.pem'), key, { mode: 0o600 })
  }
  return { cert, key }
}

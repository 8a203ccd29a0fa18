import 'reflect-metadata'
import { X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'

/** A certificate that serves these names now: when it ends and when it should be renewed unless its authority says otherwise. */
export type CertificateLife = {
  readonly endsAt: number
  /** After two thirds of its life. */
  readonly renewAt: number
  /** By which its authority knows it (RFC 9773, section 4.1); undefined where it lacks what that is made of. */
  readonly id: string | undefined
}

/** Reads the first certificate of a PEM file; undefined where it is none, is self-made, has ended or lacks a name. */
export function lifeOf(pem: string, domains: readonly string[], nowMs: number): CertificateLife | undefined {
  try {
    const certificate = new X509Certificate(pem)
    const [beginsAt, endsAt] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]
    const serves = domains.every((domain) => certificate.checkHost(domain) !== undefined)
    if (!serves || certificate.issuer === certificate.subject || !(endsAt > nowMs)) return undefined
    return { endsAt, renewAt: beginsAt + ((endsAt - beginsAt) * 2) / 3, id: certificateId(pem) }
  } catch {
    return undefined
  }
}

function certificateId(pem: string): string | undefined {
  const certificate = new x509.X509Certificate(
    /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem)?.[0] ?? '',
  )
  const authority = certificate.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId
  if (authority === undefined) return undefined
  // The serial number is an integer of DER: one that would read as negative begins with a zero.
  const bytes = Buffer.from(certificate.serialNumber, 'hex')
  const serial = bytes[0] !== undefined && bytes[0] >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes
  return `${Buffer.from(authority, 'hex').toString('base64url')}.${serial.toString('base64url')}`
}

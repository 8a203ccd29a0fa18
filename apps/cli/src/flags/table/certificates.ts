import type { Flag } from '../flag.ts'

const GATEWAY = ['gateway'] as const

/** A certificate by ACME for the gateway's HTTP port. */
export const certificateFlags = [
  {
    name: 'acmeDomain',
    kind: 'text',
    standard: '',
    help: 'speak TLS at -httpAddr, -rtmpsAddr and -turnsAddr with a certificate for this name that is ordered and renewed by ACME; several with commas between them. Whoever sets it agrees to the terms of the authority',
    roles: GATEWAY,
    standing: 'served',
    ours: true,
  },
  {
    name: 'acmeDirectory',
    kind: 'text',
    standard: 'letsencrypt',
    help: 'the authority: letsencrypt, letsencrypt-staging (to try things out) or the address of the directory of another one, whose root NODE_EXTRA_CA_CERTS names',
    roles: GATEWAY,
    standing: 'served',
    ours: true,
  },
  {
    name: 'acmeEmail',
    kind: 'text',
    standard: '',
    help: 'where the authority may write to',
    roles: GATEWAY,
    standing: 'served',
    ours: true,
  },
  {
    name: 'acmeEab',
    kind: 'text',
    standard: '',
    help: 'keyId:key of the account that the authority wants its certificates bound to, or a file with that line',
    roles: GATEWAY,
    standing: 'served',
    ours: true,
  },
  {
    name: 'acmeHttpAddr',
    kind: 'text',
    standard: '0.0.0.0:80',
    help: 'where the authority looks for proofs; it must be reached as port 80 of the name. Everybody else is sent to HTTPS',
    roles: GATEWAY,
    standing: 'served',
    ours: true,
  },
] as const satisfies readonly Flag[]

import { randomBytes } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { mkdir, readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { MillraceError } from '@millrace/base'
import { diskError, isPrivateAddress, writeFileAtomic } from '@millrace/base/node'
import type { Network, NetworkPorts, SecurePage, StartNetworkOptions } from '@millrace/devnet'
import type { GatewayConfig } from '@millrace/node'
import { acmeConfig } from '../roles/acme-config.ts'
import { udpPorts } from '../roles/webrtc-config.ts'
import { portFlag } from './up-ports.ts'

const EVERYWHERE = '0.0.0.0'
/** The ports of RFC 8656, and UDP ports enough for a hundred people at once. */
const STANDARD = { https: 443, lanHttps: 8443, challenges: 80, turn: 3478, turns: 5349 } as const
const PUBLIC_UDP = [50_000, 50_200] as const
const CERTIFICATE_WITHIN_MS = 60_000

export const openingArgs = {
  lan: {
    type: 'boolean',
    description: 'Let other machines of the local network open the page, also by HTTPS with a self-made certificate',
  },
  public: {
    type: 'string',
    description: 'Open the page to the world under this name: HTTPS with a certificate by ACME, TURN, a key to publish',
  },
  'https-port': {
    type: 'string',
    description: `Port of the page by HTTPS (default: ${STANDARD.https} with --public, ${STANDARD.lanHttps} with --lan)`,
  },
  'acme-directory': {
    type: 'string',
    description: 'letsencrypt (default), letsencrypt-staging, or the directory of another authority',
  },
  'acme-email': { type: 'string', description: 'Where the authority may write to' },
  'acme-eab': { type: 'string', description: 'keyId:key that the authority asks for, or a file with that line' },
  'acme-http-port': {
    type: 'string',
    description: `Where challenges are answered; port 80 of the name must lead there (default: ${STANDARD.challenges})`,
  },
  'turn-port': { type: 'string', description: `Port of TURN, UDP and TCP, with --public (default: ${STANDARD.turn})` },
  'turns-port': { type: 'string', description: `Port of TURN over TLS with --public (default: ${STANDARD.turns})` },
} as const

type Given = Readonly<Record<keyof typeof openingArgs | 'webrtc-ports' | 'port-offset', string | boolean | undefined>>

/** How far a network is open, and what to tell of it once it is up. */
export type Openings = {
  readonly options: Pick<StartNetworkOptions, 'gateway' | 'securePage' | 'webHost'>
  /** The address of the page for a phone, to be scanned. */
  readonly phone?: string
  /** Waits until the certificate is there, as long as one waits for a program to start. */
  settle(network: Network): Promise<void>
  lines(network: Network, ports: NetworkPorts): readonly string[]
}

/** Reads the flags; without --lan and --public only this machine is let in. Throws `bad_flag`. */
export async function openings(given: Given, dataFolder: string): Promise<Openings> {
  const range = udpPorts(text(given['webrtc-ports']))
  if (given.public !== undefined && given.lan)
    throw new MillraceError('bad_flag', '--public opens the page to the world, --lan to the local network: choose one')
  if (given.public !== undefined) return publicOpenings(given, dataFolder, range ?? PUBLIC_UDP)
  for (const name of ['acme-directory', 'acme-email', 'acme-eab', 'acme-http-port', 'turn-port', 'turns-port'] as const)
    if (given[name] !== undefined) throw new MillraceError('bad_flag', `--${name} is for --public: name a domain there`)
  if (given.lan) return lanOpenings(given, range)
  if (given['https-port'] !== undefined)
    throw new MillraceError(
      'bad_flag',
      '--https-port is for --public and --lan: the page of this machine needs no HTTPS',
    )
  return {
    options: { webHost: '127.0.0.1', ...(range && { gateway: { webrtc: { ports: range } } }) },
    settle: async () => {},
    lines: () => [],
  }
}

/** The local network trusts itself: it sees and publishes, as it could before there was HTTPS. */
function lanOpenings(given: Given, range: readonly [number, number] | undefined): Openings {
  const addresses = ownAddresses()
  const securePage: SecurePage = {
    host: EVERYWHERE,
    port: portFlag(given, 'https-port', STANDARD.lanHttps),
    certificate: { selfMade: ['localhost', '127.0.0.1', ...addresses] },
  }
  const webrtc = { addresses: [EVERYWHERE], ...(range && { ports: range }) }
  const host = addresses[0] ?? '127.0.0.1'
  const phone = `https://${host}:${securePage.port}/camera`
  return {
    options: { webHost: EVERYWHERE, securePage, gateway: { webrtc, trustedProxies: ['127.0.0.1'] } },
    phone,
    settle: async () => {},
    lines: (_network, ports) => [
      `  network   http://${host}:${ports.web}      (watch from another machine)`,
      `  camera    ${phone}      (publish from a phone; its browser warns of the self-made certificate: go on)`,
    ],
  }
}

async function publicOpenings(given: Given, dataFolder: string, range: readonly [number, number]): Promise<Openings> {
  const challenges = portFlag(given, 'acme-http-port', STANDARD.challenges, { shifted: false })
  const acme = acmeConfig(
    {
      domains: [String(given.public)],
      directory: text(given['acme-directory']),
      email: text(given['acme-email']),
      externalAccount: text(given['acme-eab']),
    },
    { host: EVERYWHERE, port: challenges },
  )
  const domain = acme.domains[0] as string
  const publishKey = await publishKeyOf(dataFolder)
  const turn = portFlag(given, 'turn-port', STANDARD.turn)
  const turns = portFlag(given, 'turns-port', STANDARD.turns)
  const securePage: SecurePage = {
    host: EVERYWHERE,
    port: portFlag(given, 'https-port', STANDARD.https, { shifted: false }),
    certificate: { acme },
    publishKey,
    turns: { host: EVERYWHERE, port: turns },
  }
  const publicAddress = await addressBehind(domain)
  const gateway: Partial<GatewayConfig> = {
    trustedProxies: ['127.0.0.1'],
    webrtc: {
      addresses: [EVERYWHERE],
      ports: range,
      ...(publicAddress !== undefined && { publicAddress }),
      turn: { listen: { host: EVERYWHERE, port: turn }, name: domain },
    },
  }
  const url = `https://${domain}${securePage.port === 443 ? '' : `:${securePage.port}`}`
  const phone = `${url}/camera#${publishKey}`
  return {
    options: { webHost: '127.0.0.1', securePage, gateway },
    phone,
    settle: (network) => settled(network),
    lines: ({ certificate }) => [
      `  public    ${url}`,
      `  camera    ${phone}      (open it on a phone; what follows # lets it publish and is never sent)`,
      `  WHIP      ${url}/webrtc/whip/my-stream      (bearer token ${publishKey})`,
      ...(certificate?.endsAt === undefined
        ? [`  certificate  none yet: ${certificate?.problem?.message ?? 'the authority has not answered'}`]
        : [`  certificate  good until ${new Date(certificate.endsAt).toISOString().slice(0, 10)}, renewed by itself`]),
      `  firewall  let in TCP ${[challenges, securePage.port, turn, turns].join(', ')} and UDP ${turn}, ${range.join('-')}`,
    ],
  }
}

async function settled({ certificate }: Network): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CERTIFICATE_WITHIN_MS)
  })
  await Promise.race([certificate?.settled, late])
  clearTimeout(timer)
}

/** Where the name leads when that is not this machine itself but a router before it. */
async function addressBehind(domain: string): Promise<string | undefined> {
  const found = await lookup(domain, { family: 4 }).catch(() => undefined)
  if (!found || isPrivateAddress(found.address) || ownAddresses().includes(found.address)) return undefined
  return found.address
}

const ownAddresses = (): readonly string[] =>
  Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address),
  )

/** Made once and kept, so that a link that was saved on a phone goes on working. */
async function publishKeyOf(dataFolder: string): Promise<string> {
  const file = join(dataFolder, 'publish-key')
  const known = await readFile(file, 'utf8').catch(() => '')
  if (/^[\w-]{16,}$/.test(known.trim())) return known.trim()
  await mkdir(dataFolder, { recursive: true, mode: 0o700 }).catch((cause) => {
    throw diskError(cause, dataFolder)
  })
  const made = randomBytes(12).toString('base64url')
  await writeFileAtomic(file, `${made}\n`, { mode: 0o600 })
  return made
}

const text = (value: string | boolean | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

import type { Flag } from '../flag.ts'

const GATEWAY = ['gateway'] as const

/** Publishers and viewers by WebRTC (WHIP and WHEP). */
export const webRtcFlags = [
  {
    name: 'webrtcAddr',
    kind: 'text',
    standard: '',
    help: 'addresses of this machine that publishers and viewers by WebRTC are told, with commas between them; 0.0.0.0 for all (default: that of -httpAddr)',
    roles: GATEWAY,
    standing: 'served',
    ours: true,
  },
  {
    name: 'webrtcPorts',
    kind: 'text',
    standard: '',
    help: 'UDP ports for them, such as 50000-50200; one a session (default: any free ones)',
    roles: GATEWAY,
    standing: 'served',
    ours: true,
  },
  {
    name: 'webrtcPublicAddr',
    kind: 'text',
    standard: '',
    help: 'the address of a router that forwards these ports to this machine',
    roles: GATEWAY,
    standing: 'served',
    ours: true,
  },
  {
    name: 'webrtcIceServers',
    kind: 'text',
    standard: '',
    help: 'STUN and TURN servers, or a file that names them: stun:host:port, turn:user:password@host:port, with commas between them',
    roles: GATEWAY,
    standing: 'served',
    ours: true,
  },
  {
    name: 'turnAddr',
    kind: 'text',
    standard: '',
    help: 'serve TURN at this host:port over UDP and TCP, for clients whose network lets nothing else through; it relays to this gateway only',
    roles: GATEWAY,
    standing: 'served',
    ours: true,
  },
  {
    name: 'turnsAddr',
    kind: 'text',
    standard: '',
    help: 'serve TURN over TLS at this host:port, with the certificate of -httpCert or -acmeDomain; needs -turnAddr',
    roles: GATEWAY,
    standing: 'served',
    ours: true,
  },
  {
    name: 'webrtcSessions',
    kind: 'count',
    standard: '200',
    help: 'how many publishers and viewers there may be by WebRTC at once',
    roles: GATEWAY,
    standing: 'served',
    ours: true,
  },
] as const satisfies readonly Flag[]

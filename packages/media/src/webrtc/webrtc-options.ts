import type { TurnServerOptions } from './turn/turn-server.ts'

/** A STUN or TURN server, as a WebRTC client takes it. */
export type IceServer = { readonly urls: string; readonly username?: string; readonly credential?: string }

/** How WebRTC peers reach this gateway. */
export type WebRtcOptions = {
  /** Addresses of this machine that are offered. */
  readonly addresses: readonly string[]
  /** UDP ports to use, first and last; any free ones when left out. */
  readonly ports?: readonly [number, number] | undefined
  /** The address under which a router forwards these ports. */
  readonly publicAddress?: string | undefined
  readonly iceServers?: readonly IceServer[] | undefined
  /** A TURN server of this gateway's own, for clients whose network lets nothing else through. */
  readonly turn?: TurnServerOptions | undefined
  /** Sessions of all publishers and viewers; 200 when left out. */
  readonly maxSessions?: number | undefined
  /** Viewers of one stream; 100 when left out. */
  readonly maxViewersOfStream?: number | undefined
  /** Offers that one address may make in a minute; 60 when left out. */
  readonly offersPerMinute?: number | undefined
  /** The most that a publisher is allowed to send, in bits per second; 8 Mb/s when left out. */
  readonly maxIngestBps?: number | undefined
  /** From the answer to a connection, in milliseconds; 15 s when left out. */
  readonly connectWithinMs?: number | undefined
  /** Silence after which a publisher or viewer counts as gone; 10 s when left out. */
  readonly idleTimeoutMs?: number | undefined
}

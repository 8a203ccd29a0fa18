/** What a handshake is for (draft-sharabayko-srt-01 section 3.2.1); from 1000 on it says why a caller is refused. */
export const HANDSHAKE = { induction: 1, conclusion: 0xffffffff } as const

/** Reasons for a refusal: libsrt's, and from 2400 on those of its access control guideline, which follow HTTP. */
export const REJECT = {
  resources: 1003,
  roguePeer: 1004,
  backlog: 1005,
  badVersion: 1008,
  badSecret: 1010,
  unsecured: 1011,
  messageApi: 1012,
  congestion: 1013,
  filter: 1014,
  group: 1015,
  badRequest: 2400,
  forbidden: 2403,
  badMode: 2405,
} as const

/** Features of HSREQ and HSRSP (section 3.2.1.1.1). */
export const FEATURE = {
  tsbpdSend: 1,
  tsbpdReceive: 2,
  crypt: 4,
  dropTooLate: 8,
  periodicNak: 16,
  retransmitFlag: 32,
  stream: 64,
  packetFilter: 128,
} as const

const EXTENSION = { hsReq: 1, hsRsp: 2, kmReq: 3, kmRsp: 4, streamId: 5, congestion: 6, filter: 7, group: 8 } as const

/** Fields of extension flags. */
const HAS_HS = 1
const HAS_KM = 2
const HAS_CONFIG = 4

/** Tells a caller of version 5 that the listener speaks it (section 4.3.1.1). */
const MAGIC = 0x4a17
const FIXED = 48
const MAX_STREAM_ID = 512

export type Handshake = {
  readonly version: number
  /** Length of the key in eight bytes, 0 for none. */
  readonly encryption: number
  readonly extensionField: number
  readonly firstSeq: number
  readonly mtu: number
  readonly flowWindow: number
  readonly type: number
  readonly socketId: number
  readonly cookie: number
  readonly extensions: HandshakeExtensions
}

export type HandshakeExtensions = {
  readonly hs?: {
    readonly version: number
    readonly features: number
    readonly receiveDelayMs: number
    readonly sendDelayMs: number
  }
  /** A key material message. */
  readonly km?: Buffer
  readonly streamId?: string
  readonly congestion?: string
  readonly filter?: boolean
  readonly group?: boolean
}

/** Reads the content of a handshake packet; undefined where it is damaged. */
export function readHandshake(content: Buffer): Handshake | undefined {
  if (content.length < FIXED) return undefined
  const extensions = readExtensions(content.subarray(FIXED))
  if (!extensions) return undefined
  return {
    version: content.readUInt32BE(0),
    encryption: content.readUInt16BE(4),
    extensionField: content.readUInt16BE(6),
    firstSeq: content.readUInt32BE(8) & 0x7fffffff,
    mtu: content.readUInt32BE(12),
    flowWindow: content.readUInt32BE(16),
    type: content.readUInt32BE(20),
    socketId: content.readUInt32BE(24),
    cookie: content.readUInt32BE(28),
    extensions,
  }
}

function readExtensions(bytes: Buffer): HandshakeExtensions | undefined {
  const found: { -readonly [Name in keyof HandshakeExtensions]: HandshakeExtensions[Name] } = {}
  let at = 0
  while (at + 4 <= bytes.length) {
    const type = bytes.readUInt16BE(at)
    const end = at + 4 + bytes.readUInt16BE(at + 2) * 4
    if (end > bytes.length) return undefined
    const body = bytes.subarray(at + 4, end)
    at = end
    if (type === EXTENSION.hsReq || type === EXTENSION.hsRsp) {
      if (body.length < 12) return undefined
      found.hs = {
        version: body.readUInt32BE(0),
        features: body.readUInt32BE(4),
        receiveDelayMs: body.readUInt16BE(8),
        sendDelayMs: body.readUInt16BE(10),
      }
    } else if (type === EXTENSION.kmReq || type === EXTENSION.kmRsp) found.km = Buffer.from(body)
    else if (type === EXTENSION.streamId) {
      if (body.length > MAX_STREAM_ID) return undefined
      found.streamId = readText(body)
    } else if (type === EXTENSION.congestion) found.congestion = readText(body)
    else if (type === EXTENSION.filter) found.filter = true
    else if (type === EXTENSION.group) found.group = true
  }
  return found
}

/** Texts come in words of four bytes, each of them reversed (section 3.2.1.3). */
function readText(body: Buffer): string {
  const turned = Buffer.from(body)
  if (turned.length % 4 === 0) turned.swap32()
  const end = turned.indexOf(0)
  return turned.toString('utf8', 0, end < 0 ? turned.length : end)
}

function writeText(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8')
  const padded = Buffer.alloc(Math.ceil(bytes.length / 4) * 4)
  bytes.copy(padded)
  return padded.length === 0 ? padded : padded.swap32()
}

type Writable = Partial<Handshake> & Pick<Handshake, 'type' | 'socketId'>

/** Writes a handshake; `answers` says whether its extensions answer a caller's. */
export function writeHandshake(handshake: Writable, options: { readonly answers: boolean }): Buffer {
  const { hs, km, streamId, congestion } = handshake.extensions ?? {}
  const parts: Buffer[] = []
  const add = (type: number, body: Buffer) => {
    const head = Buffer.alloc(4)
    head.writeUInt16BE(type, 0)
    head.writeUInt16BE(body.length / 4, 2)
    parts.push(head, body)
  }
  if (hs) {
    const body = Buffer.alloc(12)
    body.writeUInt32BE(hs.version, 0)
    body.writeUInt32BE(hs.features, 4)
    body.writeUInt16BE(hs.receiveDelayMs, 8)
    body.writeUInt16BE(hs.sendDelayMs, 10)
    add(options.answers ? EXTENSION.hsRsp : EXTENSION.hsReq, body)
  }
  if (km) add(options.answers ? EXTENSION.kmRsp : EXTENSION.kmReq, km)
  if (streamId !== undefined) add(EXTENSION.streamId, writeText(streamId))
  if (congestion !== undefined) add(EXTENSION.congestion, writeText(congestion))
  const flags =
    (hs ? HAS_HS : 0) | (km ? HAS_KM : 0) | (streamId !== undefined || congestion !== undefined ? HAS_CONFIG : 0)
  const fixed = Buffer.alloc(FIXED)
  fixed.writeUInt32BE(handshake.version ?? 5, 0)
  fixed.writeUInt16BE(handshake.encryption ?? 0, 4)
  fixed.writeUInt16BE(handshake.type === HANDSHAKE.induction ? (handshake.extensionField ?? MAGIC) : flags, 6)
  fixed.writeUInt32BE(handshake.firstSeq ?? 0, 8)
  fixed.writeUInt32BE(handshake.mtu ?? 1_500, 12)
  fixed.writeUInt32BE(handshake.flowWindow ?? 8_192, 16)
  fixed.writeUInt32BE(handshake.type, 20)
  fixed.writeUInt32BE(handshake.socketId, 24)
  fixed.writeUInt32BE(handshake.cookie ?? 0, 28)
  return Buffer.concat([fixed, ...parts])
}

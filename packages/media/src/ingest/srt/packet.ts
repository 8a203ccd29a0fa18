/** Types of control packets (draft-sharabayko-srt-01 section 3.2). */
export const CONTROL = {
  handshake: 0,
  keepalive: 1,
  ack: 2,
  nak: 3,
  shutdown: 5,
  ackAck: 6,
  dropRequest: 7,
  user: 0x7fff,
} as const

/** Which of two keys a packet was encrypted with; 0 is none. */
export type KeySlot = 0 | 1 | 2

export type SrtDataPacket = {
  readonly kind: 'data'
  readonly seq: number
  readonly slot: KeySlot
  readonly retransmitted: boolean
  /** Microseconds since the sender's start. */
  readonly timestampUs: number
  readonly socketId: number
  readonly payload: Buffer
}

export type SrtControlPacket = {
  readonly kind: 'control'
  readonly type: number
  readonly subtype: number
  readonly info: number
  readonly timestampUs: number
  readonly socketId: number
  readonly content: Buffer
}

const HEADER = 16
const SEQ_MASK = 0x7fffffff

/** Reads one datagram; undefined where it is no SRT packet. */
export function readPacket(datagram: Buffer): SrtDataPacket | SrtControlPacket | undefined {
  if (datagram.length < HEADER) return undefined
  const first = datagram.readUInt32BE(0)
  const second = datagram.readUInt32BE(4)
  const timestampUs = datagram.readUInt32BE(8)
  const socketId = datagram.readUInt32BE(12)
  const rest = datagram.subarray(HEADER)
  if (first >>> 31)
    return {
      kind: 'control',
      type: (first >>> 16) & 0x7fff,
      subtype: first & 0xffff,
      info: second,
      timestampUs,
      socketId,
      content: rest,
    }
  const slot = (second >>> 27) & 3
  if (slot === 3) return undefined
  return {
    kind: 'data',
    seq: first & SEQ_MASK,
    slot: slot as KeySlot,
    retransmitted: ((second >>> 26) & 1) === 1,
    timestampUs,
    socketId,
    payload: rest,
  }
}

/** Writes a control packet. */
export function writeControl(
  packet: Omit<SrtControlPacket, 'kind' | 'subtype'> & { readonly subtype?: number },
): Buffer {
  const out = Buffer.alloc(HEADER + packet.content.length)
  out.writeUInt32BE((0x80000000 | (packet.type << 16) | (packet.subtype ?? 0)) >>> 0, 0)
  out.writeUInt32BE(packet.info >>> 0, 4)
  out.writeUInt32BE(packet.timestampUs >>> 0, 8)
  out.writeUInt32BE(packet.socketId >>> 0, 12)
  packet.content.copy(out, HEADER)
  return out
}

/** How far `seq` lies behind `from`, where sequence numbers of 31 bits wrap; negative when it lies before. */
export function seqDistance(seq: number, from: number): number {
  return ((seq - from) << 1) >> 1
}

/** The sequence number that comes `count` after another. */
export const seqAfter = (seq: number, count = 1): number => (seq + count) & SEQ_MASK

/** Packets from the first to the last, both meant. */
export type SeqRange = { readonly first: number; readonly last: number }

const RANGE_BIT = 0x80000000

/** Writes the loss list of a NAK packet (appendix A). */
export function writeLossList(ranges: readonly SeqRange[]): Buffer {
  const words: number[] = []
  for (const { first, last } of ranges) {
    if (first === last) words.push(first)
    else words.push((first | RANGE_BIT) >>> 0, last)
  }
  const out = Buffer.alloc(words.length * 4)
  for (const [index, word] of words.entries()) out.writeUInt32BE(word, index * 4)
  return out
}

/** Reads the loss list of a NAK packet; what is cut off is left out. */
export function readLossList(content: Buffer): SeqRange[] {
  const ranges: SeqRange[] = []
  for (let at = 0; at + 4 <= content.length; at += 4) {
    const word = content.readUInt32BE(at)
    if (word >>> 31) {
      at += 4
      if (at + 4 > content.length) break
      ranges.push({ first: word & SEQ_MASK, last: content.readUInt32BE(at) & SEQ_MASK })
    } else ranges.push({ first: word, last: word })
  }
  return ranges
}

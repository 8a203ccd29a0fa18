import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { MillraceError } from '@millrace/base'

/** Size of C1, C2, S1 and S2 (RTMP specification section 5.2). */
export const HANDSHAKE_SIZE = 1536

const CLIENT_KEY = Buffer.from('Genuine Adobe Flash Player 001')
const SERVER_KEY = Buffer.from('Genuine Adobe Flash Media Server 001')
const CRUD = Buffer.from('f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae', 'hex')

/**
 * Answers C0 and C1 with S0, S1 and S2. A client that signs its C1 with Adobe's digest (librtmp, old Flash encoders) gets
 * signed answers, every other one the simple handshake; throws `bad_handshake`.
 */
export function answerHandshake(c0c1: Buffer): Buffer {
  if (c0c1[0] !== 3 && c0c1[0] !== 6)
    throw new MillraceError('bad_handshake', `RTMP version ${c0c1[0]} was offered, version 3 is spoken here`)
  const c1 = c0c1.subarray(1, 1 + HANDSHAKE_SIZE)
  const digest = clientDigest(c1)
  if (!digest) {
    // Simple handshake: S1 is time, zero and random bytes; S2 repeats C1 (section 5.2.4).
    const s1 = Buffer.concat([Buffer.alloc(8), randomBytes(HANDSHAKE_SIZE - 8)])
    return Buffer.concat([Buffer.of(3), s1, c1])
  }
  const s1 = Buffer.concat([Buffer.of(0, 0, 0, 0, 4, 5, 0, 1), randomBytes(HANDSHAKE_SIZE - 8)])
  const at = digestOffset(s1, digest.scheme)
  hmac(SERVER_KEY, without(s1, at)).copy(s1, at)
  const s2 = randomBytes(HANDSHAKE_SIZE)
  const key = hmac(Buffer.concat([SERVER_KEY, CRUD]), digest.value)
  hmac(key, s2.subarray(0, HANDSHAKE_SIZE - 32)).copy(s2, HANDSHAKE_SIZE - 32)
  return Buffer.concat([Buffer.of(3), s1, s2])
}

type Scheme = 0 | 1

function clientDigest(c1: Buffer): { readonly scheme: Scheme; readonly value: Buffer } | undefined {
  if (c1.readUInt32BE(4) === 0) return undefined
  for (const scheme of [0, 1] as const) {
    const at = digestOffset(c1, scheme)
    const value = c1.subarray(at, at + 32)
    if (timingSafeEqual(value, hmac(CLIENT_KEY, without(c1, at)))) return { scheme, value }
  }
  return undefined
}

/** Where the digest lies: four bytes of the first or the second half, added up, tell (schema 0 and 1 of Adobe's handshake). */
function digestOffset(block: Buffer, scheme: Scheme): number {
  const base = scheme === 0 ? 8 : 772
  const sum = block[base]! + block[base + 1]! + block[base + 2]! + block[base + 3]!
  return (sum % 728) + base + 4
}

const without = (block: Buffer, at: number): Buffer => Buffer.concat([block.subarray(0, at), block.subarray(at + 32)])
const hmac = (key: Buffer, data: Buffer): Buffer => createHmac('sha256', key).update(data).digest()

import { createHash } from 'node:crypto'
import { MillraceError } from '@millrace/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeXorAddress, encodeXorAddress } from './stun-address.ts'
import { ATTRIBUTE, attributeOf, decodeStun, encodeStun, METHOD } from './stun-message.ts'
import { decodeChannelData, encodeChannelData, TurnFrames } from './turn-frame.ts'

/** RFC 5769, section 2.4: a request with long-term credentials, as published. */
const LONG_TERM = `000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383e382afe382b90000
0015001c662f2f3439396b39353464364f4c33346f4c394653547679363473410014000b6578616d706c652e6f726700
00080014f67024656dd64a3e02b8e0712e85c9a28ca89666`
const fromHexText = (text: string) => new Uint8Array(Buffer.from(text.replace(/\s/g, ''), 'hex'))

const message = fc.record({
  method: fc.constantFrom(...Object.values(METHOD)),
  kind: fc.constantFrom('request', 'indication', 'success', 'error'),
  transactionId: fc.uint8Array({ minLength: 12, maxLength: 12 }),
  attributes: fc.array(
    fc.record({
      type: fc
        .integer({ min: 0, max: 0xffff })
        .filter((type) => type !== ATTRIBUTE.messageIntegrity && type !== ATTRIBUTE.fingerprint),
      value: fc.uint8Array({ maxLength: 300 }),
    }),
    { maxLength: 20 },
  ),
})
const endpoint = fc.record({
  address: fc.oneof(
    fc.ipV4(),
    fc
      .array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 })
      .map((groups) => groups.map((group) => group.toString(16)).join(':')),
  ),
  port: fc.integer({ min: 0, max: 65_535 }),
})

describe('a STUN message', () => {
  it('reads the one that RFC 5769 publishes, and knows its password', () => {
    const read = decodeStun(fromHexText(LONG_TERM))
    expect(read).toMatchObject({ method: METHOD.binding, kind: 'request' })
    const username = Buffer.from(attributeOf(read, ATTRIBUTE.username)!).toString()
    expect(username).toBe('マトリックス')
    const key = createHash('md5').update(`${username}:example.org:TheMatrIX`).digest()
    expect(read.isSignedWith(key)).toBe(true)
    expect(read.isSignedWith(createHash('md5').update('other').digest())).toBe(false)
  })

  it('comes back as it was written, signed or not', () => {
    fc.assert(
      fc.property(message, fc.uint8Array({ minLength: 1, maxLength: 32 }), fc.boolean(), (one, key, fingerprint) => {
        const read = decodeStun(encodeStun(one, { key, fingerprint }))
        expect({ ...read, isSignedWith: undefined }).toEqual({ ...one, isSignedWith: undefined })
        expect(read.isSignedWith(key)).toBe(true)
        expect(read.isSignedWith(Buffer.concat([key, Buffer.of(1)]))).toBe(false)
        expect(decodeStun(encodeStun(one)).isSignedWith(key)).toBe(false)
      }),
    )
  })

  it('refuses everything else by its own error only', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const read of [decodeStun, decodeChannelData, (one: Uint8Array) => new TurnFrames().push(one)])
          try {
            read(bytes)
          } catch (error) {
            expect(error).toBeInstanceOf(MillraceError)
          }
      }),
      { numRuns: 500 },
    )
  })

  it('is not taken with what was added after its signature', () => {
    const key = Buffer.from('key')
    const one = { method: METHOD.refresh, kind: 'request', transactionId: new Uint8Array(12), attributes: [] } as const
    const signed = Buffer.from(encodeStun(one, { key }))
    const added = Buffer.concat([signed, Buffer.from('000d000400000000', 'hex')])
    added.writeUInt16BE(added.length - 20, 2)
    const read = decodeStun(added)
    expect(read.isSignedWith(key)).toBe(true)
    expect(read.attributes).toEqual([])
  })

  it('carries addresses of both families', () => {
    fc.assert(
      fc.property(endpoint, fc.uint8Array({ minLength: 12, maxLength: 12 }), (one, id) => {
        expect(decodeXorAddress(encodeXorAddress(one, id), id)).toEqual(one)
      }),
    )
    const id = new Uint8Array(12)
    expect(decodeXorAddress(encodeXorAddress({ address: '2001:db8::ffff:1.2.3.4', port: 1 }, id), id).address).toBe(
      '2001:db8:0:0:0:ffff:102:304',
    )
  })
})

describe('a byte stream of messages and data of channels', () => {
  it('is cut the same way however it arrives', () => {
    const data = fc.record({
      channel: fc.integer({ min: 0x4000, max: 0x4fff }),
      data: fc.uint8Array({ maxLength: 100 }),
    })
    const frame = fc.oneof(
      data.map((one) => ({
        sent: encodeChannelData(one, { padded: true }),
        cut: encodeChannelData(one, { padded: false }),
      })),
      message.map((one) => ({ sent: encodeStun(one), cut: encodeStun(one) })),
    )
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 5 }), fc.integer({ min: 1, max: 40 }), (frames, step) => {
        const bytes = Buffer.concat(frames.map(({ sent }) => sent))
        const reader = new TurnFrames()
        const cut: Uint8Array[] = []
        for (let at = 0; at < bytes.length; at += step) cut.push(...reader.push(bytes.subarray(at, at + step)))
        expect(cut.map((one) => Buffer.from(one).toString('hex'))).toEqual(
          frames.map((one) => Buffer.from(one.cut).toString('hex')),
        )
      }),
    )
  })
})

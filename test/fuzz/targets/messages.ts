import { isDeepStrictEqual } from 'node:util'
import {
  decodeBase64,
  decodeGoJson,
  decodePaymentHeader,
  decodeSegmentHeader,
  encodeBase64,
  encodeGoJson,
  encodePaymentHeader,
  encodeSegmentHeader,
  parseAddress,
  parseJsonProfiles,
  splitStreamId,
  WireError,
} from '@millrace/wire'
import fc from 'fast-check'
import { CODECS, type Codec } from '../../../packages/wire/src/messages/codecs.fixture.ts'
import { Broken, type Target } from '../target.ts'

const isWireError = (error: unknown): boolean => error instanceof WireError
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
const samplesOf = (arbitrary: fc.Arbitrary<Uint8Array>) => (seed: number) => fc.sample(arbitrary, { numRuns: 30, seed })

/** What was taken must be told so that it is taken as the same. */
function comesBack<T>(value: T, encode: (value: T) => Uint8Array, decode: (bytes: Uint8Array) => T): void {
  let again: T
  try {
    again = decode(encode(value))
  } catch (error) {
    throw new Broken(`it was taken and then could not be written and read again: ${error}`)
  }
  if (!isDeepStrictEqual(again, value)) throw new Broken('it was taken, and written and read again it is another')
}

const message = (name: string, { arbitrary, encode, decode }: Codec): Target => ({
  name: `message-${name.replaceAll(' ', '-')}`,
  samples: samplesOf(arbitrary.map((value) => encode(value as never))),
  take: (input) => {
    const value = decode(input)
    // A capacity below zero is read, so that it can be refused in the words of upstream, and never written.
    if (Number((value as { readonly capacity?: number }).capacity) < 0) return
    comesBack(value, encode as (value: unknown) => Uint8Array, decode)
  },
  isOwn: isWireError,
})

const headerOf = (name: string) => CODECS[name] as Codec

export const messageTargets: readonly Target[] = [
  ...Object.entries(CODECS).map(([name, codec]) => message(name, codec)),
  {
    name: 'header-Livepeer-Payment',
    samples: samplesOf(
      headerOf('Payment').arbitrary.map((payment) => Buffer.from(encodePaymentHeader(payment as never))),
    ),
    take: (input) => {
      const payment = decodePaymentHeader(text(input))
      if (payment)
        comesBack(
          payment,
          (value) => Buffer.from(encodePaymentHeader(value)),
          (bytes) => decodePaymentHeader(text(bytes))!,
        )
    },
    isOwn: isWireError,
  },
  {
    name: 'header-Livepeer-Segment',
    samples: samplesOf(
      headerOf('SegData').arbitrary.map((segment) => Buffer.from(encodeSegmentHeader(segment as never))),
    ),
    take: (input) =>
      comesBack(
        decodeSegmentHeader(text(input)).segment,
        (value) => Buffer.from(encodeSegmentHeader(value)),
        (bytes) => decodeSegmentHeader(text(bytes)).segment,
      ),
    isOwn: isWireError,
  },
  {
    name: 'base64',
    samples: samplesOf(fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(encodeBase64(bytes)))),
    words: ['=', '==', '-', '_', '\n', '+/'],
    take: (input) =>
      comesBack(
        decodeBase64(text(input)),
        (value) => Buffer.from(encodeBase64(value)),
        (bytes) => decodeBase64(text(bytes)),
      ),
    isOwn: isWireError,
  },
  {
    name: 'go-json',
    samples: samplesOf(fc.json({ maxDepth: 4 }).map((json) => Buffer.from(json))),
    words: [
      '{',
      '}',
      '[',
      ']',
      '"',
      ':',
      ',',
      '1e999',
      '-0',
      '12345678901234567890',
      '"__proto__":',
      '\\u0000',
      'null',
    ],
    take: (input) => {
      const value = decodeGoJson(text(input))
      if (JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}` : part)) === undefined) return
      encodeGoJson(value)
      if (({} as Record<string, unknown>).polluted !== undefined) throw new Broken('a prototype was polluted')
    },
    isOwn: (error) => isWireError(error) || error instanceof SyntaxError,
  },
  {
    name: 'json-profiles',
    samples: () =>
      [
        '[{"name":"a","width":640,"height":360,"bitrate":800000,"fps":30,"fpsDen":1,"profile":"H264High","gop":"2.0"}]',
        '[{"name":"b","width":0,"height":0,"bitrate":1,"fps":0,"gop":"intra","encoder":"H.265","colorDepth":10,"chromaFormat":1}]',
      ].map((json) => Buffer.from(json)),
    words: [
      '"gop":"-1"',
      '"fps":1e9',
      '"width":-1',
      '"name":""',
      'null',
      '1e999',
      '"profile":"x"',
      '"encoder":"VP9"',
      '{}',
    ],
    take: (input) => {
      let json: unknown
      try {
        json = JSON.parse(text(input))
      } catch {
        return
      }
      if (Array.isArray(json)) parseJsonProfiles(json)
    },
    isOwn: isWireError,
  },
  {
    name: 'names',
    samples: () =>
      ['0x70997970C51812dc3A010C7d01b50e0d17dc79C8', 'stream/720p', 'a/b?c', '../../etc/passwd'].map((name) =>
        Buffer.from(name),
      ),
    words: ['/', '..', '%2e', '\0', '?', '0x', 'ß'],
    take: (input) => {
      splitStreamId(text(input))
      parseAddress(text(input))
    },
    isOwn: isWireError,
  },
]

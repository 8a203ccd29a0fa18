import fc from 'fast-check'
import { expect, it } from 'vitest'
import { MillraceError } from '../errors.ts'
import { parseMultipart } from './multipart.ts'

const text = (body: string): Uint8Array => new Uint8Array(Buffer.from(body, 'latin1'))

it('splits a body into its parts, with their headers in lower case', () => {
  const body = text('--b\r\nContent-Type: video/mp2t\r\nPixels: 7\r\n\r\nfirst\r\n--b\r\n\r\nsecond\r\n--b--\r\n')
  const parts = parseMultipart(body, 'b')
  expect(parts.map(({ headers, body }) => [{ ...headers }, Buffer.from(body).toString()])).toEqual([
    [{ 'content-type': 'video/mp2t', pixels: '7' }, 'first'],
    [{}, 'second'],
  ])
})

it('does not look for the boundary inside a part that names its length', () => {
  const body = text('--b\r\nContent-Length: 9\r\n\r\nx\r\n--b--y\r\n--b--\r\n')
  expect(Buffer.from(parseMultipart(body, 'b')[0]!.body).toString()).toBe('x\r\n--b--y')
})

it.each([
  ['without a boundary', 'nothing here'],
  ['with a part that never ends', '--b\r\n\r\nopen'],
  ['with headers that never end', `--b\r\n${'x'.repeat(20_000)}`],
  ['with too many parts', '--b\r\n\r\nx\r\n'.repeat(100)],
])('refuses a body %s', (_, body) => {
  expect(() => parseMultipart(text(body), 'b')).toThrow(MillraceError)
})

it('throws nothing but its own error for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom('', '--b\r\n', '--b\r\n\r\n'), (bytes, head) => {
      try {
        parseMultipart(new Uint8Array(Buffer.concat([Buffer.from(head), bytes, Buffer.from('\r\n--b--')])), 'b')
      } catch (error) {
        expect(error).toBeInstanceOf(MillraceError)
      }
    }),
  )
})

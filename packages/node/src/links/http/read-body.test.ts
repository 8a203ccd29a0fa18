import { PassThrough, Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { readBody } from './read-body.ts'

const LIMITS = { maxBytes: 10, timeoutMs: 5_000 }

it('a body comes as one array, whatever its pieces were', async () => {
  const body = Readable.from([Buffer.from('ab'), Buffer.from(''), Buffer.from('cde')])
  expect(Buffer.from(await readBody(body, LIMITS)).toString()).toBe('abcde')
})

it('a body may have exactly as many bytes as allowed', async () => {
  expect(await readBody(Readable.from([Buffer.alloc(6), Buffer.alloc(4)]), LIMITS)).toHaveLength(10)
})

it('one byte more is refused, and nothing more is read', async () => {
  const body = new PassThrough()
  const reading = readBody(body, LIMITS)
  body.write(Buffer.alloc(10))
  body.write(Buffer.alloc(1))
  await expect(reading).rejects.toMatchObject({ code: 'body_too_large', retryable: false })
  expect(body.isPaused()).toBe(true)
  expect(body.listenerCount('data')).toBe(0)
})

it('a body that stalls is given up', async () => {
  const body = new PassThrough()
  body.write('half')
  await expect(readBody(body, { maxBytes: 10, timeoutMs: 20 })).rejects.toMatchObject({
    code: 'body_timeout',
    retryable: true,
  })
})

it('a connection that closes early gives no half body', async () => {
  const body = new PassThrough()
  const reading = readBody(body, LIMITS)
  body.write('half')
  body.destroy()
  await expect(reading).rejects.toMatchObject({ code: 'body_truncated' })
})

it('an error of the connection is passed on, and a later one ends no process', async () => {
  const body = new PassThrough()
  const reading = readBody(body, LIMITS)
  body.destroy(new Error('ECONNRESET'))
  await expect(reading).rejects.toThrow('ECONNRESET')
  body.emit('error', new Error('again'))
})

it('reading stops when the caller gives up', async () => {
  const giveUp = new AbortController()
  const reading = readBody(new PassThrough(), { ...LIMITS, signal: giveUp.signal })
  giveUp.abort(new Error('enough'))
  await expect(reading).rejects.toThrow('enough')
  await expect(readBody(new PassThrough(), { ...LIMITS, signal: giveUp.signal })).rejects.toThrow('enough')
})

import { describe, expect, it } from 'vitest'
import { decodeJoinToken, encodeJoinToken } from './join-token.ts'

const TOKEN = { uri: 'https://[::1]:8935', secret: 'a "secret", with ü' }

describe('a join token', () => {
  it('is one word that gives address and secret back', () => {
    const text = encodeJoinToken(TOKEN)
    expect(text).toMatch(/^[\w.-]+$/)
    expect(decodeJoinToken(text)).toEqual(TOKEN)
  })

  const whole = encodeJoinToken(TOKEN)
  it.each([
    ['cut off', whole.slice(0, -1)],
    ['cut off in the middle', whole.slice(0, 40)],
    ['with a letter changed', whole.replace('J', 'K')],
    ['of another kind', 'eyJhbGciOiJIUzI1NiJ9.e30.x'],
    ['that is empty', ''],
    ['that is endless', `millrace-join-1.${'A'.repeat(100_000)}`],
    ['for another scheme', encodeJoinToken({ ...TOKEN, uri: 'http://127.0.0.1:1' })],
    ['without a secret', encodeJoinToken({ ...TOKEN, secret: '' })],
    ['without an address', encodeJoinToken({ ...TOKEN, uri: 'nowhere' })],
  ])('%s is refused without being repeated', (_, text) => {
    expect(() => decodeJoinToken(text)).toThrow(
      expect.objectContaining({ code: 'bad_join_token', message: expect.stringContaining('-printJoinToken') }),
    )
    if (text.length > 20) expect(() => decodeJoinToken(text)).not.toThrow(text.slice(16, 36))
  })
})

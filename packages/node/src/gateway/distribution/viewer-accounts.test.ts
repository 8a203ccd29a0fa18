import { ManualClock } from '@millrace/base'
import { manifestId, sessionId } from '@millrace/wire'
import { ViewerTokenSigner, ViewerTokenVerifier } from '@millrace/wire/node'
import { expect, it } from 'vitest'
import { ViewerAccounts } from './viewer-accounts.ts'

const VIEWER = '00112233445566ff'
const scope = { sessionId: sessionId('0011aabb'), manifestId: manifestId('stream') }

function open() {
  const clock = new ManualClock(1_000_000_000_000)
  const tokens = new ViewerTokenSigner()
  const verifier = new ViewerTokenVerifier(scope, tokens.publicKey)
  const accounts = new ViewerAccounts(scope, { tokens, now: () => clock.now() })
  return { clock, accounts, grantOf: (token: string) => verifier.verify(token) }
}

it('a token stays the same until what it allows, or its time, runs out', () => {
  const { clock, accounts, grantOf } = open()
  const first = accounts.token(VIEWER, { listed: 100, ahead: 1_000 })
  expect(grantOf(first)).toEqual({ viewer: VIEWER, expiration: 1_000_000_120, maxBytes: 1_100 })
  expect(accounts.token(VIEWER, { listed: 400, ahead: 1_000 })).toBe(first)
  const second = accounts.token(VIEWER, { listed: 200, ahead: 1_000 })
  expect(grantOf(second)?.maxBytes).toBe(1_700)
  clock.advance(76_000)
  const third = accounts.token(VIEWER, { listed: 0, ahead: 1_000 })
  expect(grantOf(third)).toEqual({ viewer: VIEWER, expiration: 1_000_000_196, maxBytes: 1_700 })
})

it('a viewer who fetches nothing where it was sent is noticed', () => {
  const { clock, accounts } = open()
  accounts.token(VIEWER, { listed: 100, ahead: 0 })
  clock.advance(8_000)
  expect(accounts.isStranded(VIEWER)).toBe(false)
  clock.advance(1)
  expect(accounts.isStranded(VIEWER)).toBe(true)
  expect(accounts.take({ viewers: [{ viewer: VIEWER, bytes: 100 }] })).toBe(100)
  expect(accounts.isStranded(VIEWER)).toBe(false)
})

it('a bill counts as a whole or not at all', () => {
  const { accounts } = open()
  accounts.token(VIEWER, { listed: 100, ahead: 0 })
  const good = { viewer: VIEWER, bytes: 60 }
  const bad = { viewer: '0000000000000000', bytes: 1 }
  expect(() => accounts.take({ viewers: [good, bad] })).toThrow('who was not sent there')
  expect(accounts.take({ viewers: [good] })).toBe(60)
  expect(accounts.take({ viewers: [good] })).toBe(0)
})

it('viewers are forgotten a while after their last token', () => {
  const { clock, accounts } = open()
  accounts.token(VIEWER, { listed: 100, ahead: 0 })
  clock.advance(400_000)
  accounts.sweep()
  expect(accounts.size).toBe(1)
  clock.advance(30_000)
  accounts.sweep()
  expect(accounts.size).toBe(0)
})

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

it('each token is for what the viewer was sent there for so far, and for a minute', () => {
  const { clock, accounts, grantOf } = open()
  const first = { viewer: VIEWER, expiration: 1_000_000_060, maxBytes: 100 }
  expect(grantOf(accounts.token(VIEWER, 100))).toEqual(first)
  clock.advance(10_000)
  const second = { viewer: VIEWER, expiration: 1_000_000_070, maxBytes: 120 }
  expect(grantOf(accounts.token(VIEWER, 20))).toEqual(second)
})

it('a bill counts as a whole or not at all', () => {
  const { accounts } = open()
  accounts.token(VIEWER, 100)
  const good = { viewer: VIEWER, bytes: 60 }
  expect(() => accounts.take({ viewers: [good, { viewer: '0000000000000000', bytes: 1 }] })).toThrow('not sent there')
  expect(() => accounts.take({ viewers: [{ viewer: VIEWER, bytes: 101 }] })).toThrow('could have had 100')
  expect(accounts.take({ viewers: [good] })).toBe(60)
  expect(accounts.take({ viewers: [good] })).toBe(0)
  expect(() => accounts.take({ viewers: [{ viewer: VIEWER, bytes: 59 }] })).toThrow('takes back')
})

it('viewers are forgotten a while after their last token', () => {
  const { clock, accounts } = open()
  accounts.token(VIEWER, 100)
  clock.advance(300_000)
  accounts.sweep()
  expect(accounts.size).toBe(1)
  clock.advance(1)
  accounts.sweep()
  expect(accounts.size).toBe(0)
})

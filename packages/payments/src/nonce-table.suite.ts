import type { Hex } from '@millrace/base'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { NonceTable } from './ports.ts'

/** An open table for one test; `reopen` closes it and opens it again on the same data, where it keeps any. */
export type OpenNonceTable = {
  readonly nonces: NonceTable
  reopen?(): Promise<NonceTable>
  close?(): Promise<void>
}

const A: Hex = `0x${'aa'.repeat(32)}`
const B: Hex = `0x${'bb'.repeat(32)}`

/** The behaviour of every nonce table; run it inside a `describe`. */
export function nonceTableSuite(open: () => Promise<OpenNonceTable> | OpenNonceTable): void {
  let opened: OpenNonceTable
  let nonces: NonceTable
  beforeEach(async () => {
    opened = await open()
    nonces = opened.nonces
  })
  afterEach(async () => opened.close?.())

  const claim = async (recipientRandHash: Hex, senderNonce: number, most = 600, expirationBlock = 10n) =>
    (await nonces.claim([{ recipientRandHash, senderNonce, expirationBlock, most }], {}))[0]

  it('accepts a nonce once', async () => {
    expect(await claim(A, 1)).toBe('new')
    expect(await claim(A, 1)).toBe('seen')
    expect(await claim(A, 2)).toBe('new')
    expect(await claim(B, 1)).toBe('new')
  })

  it('answers for each of several nonces that are claimed together', async () => {
    await claim(A, 2)
    const entries = [1, 2, 1, 3, 4].map((senderNonce) => ({
      recipientRandHash: A,
      senderNonce,
      expirationBlock: 10n,
      most: 3,
    }))
    expect(await nonces.claim(entries, {})).toEqual(['new', 'seen', 'seen', 'new', 'full'])
    expect(await nonces.claim([], {})).toEqual([])
  })

  it('accepts one of many claims of a nonce that come at once', async () => {
    const claims = await Promise.all(Array.from({ length: 20 }, () => claim(A, 0xffffffff)))
    expect(claims.filter((claimed) => claimed === 'new')).toHaveLength(1)
  })

  it('refuses new nonces when one recipientRand has the most it may have', async () => {
    for (let n = 1; n <= 3; n++) expect(await claim(A, n, 3)).toBe('new')
    expect(await claim(A, 4, 3)).toBe('full')
    expect(await claim(A, 3, 3)).toBe('seen')
    expect(await claim(B, 4, 3)).toBe('new')
  })

  it('forgets nonces when their parameters have expired', async () => {
    await claim(A, 1, 600, 10n)
    await claim(B, 1, 600, 11n)
    await nonces.purgeExpired(10n, {})
    expect(await claim(A, 1)).toBe('new')
    expect(await claim(B, 1)).toBe('seen')
  })

  it('keeps nonces across a restart', async ({ skip }) => {
    if (!opened.reopen) return skip()
    await claim(A, 1)
    nonces = await opened.reopen()
    expect(await claim(A, 1)).toBe('seen')
    expect(await claim(A, 2)).toBe('new')
  })
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Hex } from '@millrace/base'
import { builtFile, openSqlite } from '@millrace/base/node'
import type { NonceEntry } from '@millrace/payments'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openNodeStore } from './node-store.ts'
import { TicketNonceTable } from './nonces.ts'

const STORE = builtFile(import.meta.url, './node-store.js').href
const NONCES = builtFile(import.meta.url, './nonces.js').href

const rand = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`
const entries = (of: number, nonces: readonly number[], expirationBlock = 10n): NonceEntry[] =>
  nonces.map((senderNonce) => ({ recipientRandHash: rand(of), senderNonce, expirationBlock, most: 600 }))

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-nonces-'))
  path = join(folder, 'store.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const rowsOf = (db: ReturnType<typeof openNodeStore>) =>
  (db.prepare('SELECT count(*) AS n FROM used_nonces').get() as { n: number }).n

describe('used nonces on disk', () => {
  it('are on disk before anybody is answered, whoever claimed them first', async () => {
    const db = openNodeStore(path)
    const nonces = new TicketNonceTable(db)
    const seenAtAnswer: number[] = []
    const claim = async () => {
      const answer = await nonces.claim(entries(1, [1, 2]))
      const other = openNodeStore(path)
      seenAtAnswer.push(rowsOf(other))
      other.close()
      return answer
    }
    expect(rowsOf(db)).toBe(0)
    expect(await Promise.all([claim(), claim()])).toEqual([
      ['new', 'new'],
      ['seen', 'seen'],
    ])
    expect(seenAtAnswer).toEqual([1, 1])
    db.close()
  })

  it('that could not be written are not used: all payments of that write fail, and may come again', async () => {
    const db = openNodeStore(path)
    const nonces = new TicketNonceTable(db)
    await nonces.claim(entries(1, [1]))
    db.exec('PRAGMA query_only=ON')
    const failed = await Promise.allSettled([
      nonces.claim(entries(1, [1, 2, 3])),
      nonces.claim(entries(2, [1])),
      nonces.claim(entries(1, [3])),
    ])
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    db.exec('PRAGMA query_only=OFF')
    expect(await nonces.claim([...entries(1, [1, 2, 3]), ...entries(2, [1])])).toEqual(['seen', 'new', 'new', 'new'])
    db.close()
  })

  it('leave the file when their parameters have expired', async () => {
    const db = openNodeStore(path)
    const nonces = new TicketNonceTable(db)
    await nonces.claim([...entries(1, [1, 2], 10n), ...entries(2, [1], 11n)])
    await nonces.purgeExpired(9n)
    expect(rowsOf(db)).toBe(2)
    await nonces.purgeExpired(10n)
    expect(rowsOf(db)).toBe(1)
    db.close()
  })

  it('of a store with a row for each ticket are known after the update', async () => {
    const old = openSqlite(path, [
      `CREATE TABLE ticket_nonces (
         recipient_rand_hash TEXT NOT NULL, sender_nonce INTEGER NOT NULL, expiration_block INTEGER NOT NULL,
         PRIMARY KEY (recipient_rand_hash, sender_nonce)) STRICT, WITHOUT ROWID`,
    ])
    for (const [of, nonce] of [
      [1, 7],
      [1, 4294967295],
      [2, 7],
    ] as const)
      old.prepare('INSERT INTO ticket_nonces VALUES (?, ?, 10)').run(rand(of), nonce)
    old.close()
    const db = openNodeStore(path)
    const nonces = new TicketNonceTable(db)
    const again = [...entries(1, [7, 4294967295, 8]), ...entries(2, [7, 8])]
    expect(await nonces.claim(again)).toEqual(['seen', 'seen', 'new', 'seen', 'new'])
    db.close()
  })

  it('are taken by nobody twice, though the node is killed again and again while payments arrive together', async () => {
    const accepted = new Map<string, number>()
    let told = 0
    for (let kill = 0; kill < 4; kill++) {
      // Each payment brings one ticket of the payment before; a new process begins with all that were sent before.
      const child = spawn(
        process.execPath,
        [
          '--input-type=module',
          '-e',
          `import { writeSync } from 'node:fs'
           import { openNodeStore } from ${JSON.stringify(STORE)}
           import { TicketNonceTable } from ${JSON.stringify(NONCES)}
           const nonces = new TicketNonceTable(openNodeStore(${JSON.stringify(path)}))
           const rand = (n) => '0x' + n.toString(16).padStart(64, '0')
           const pay = async (stream, first) => {
             const sent = [first, first + 1, Math.max(first - 1, 1)]
             const entries = sent.map((senderNonce) => ({ recipientRandHash: rand(stream), senderNonce, expirationBlock: 10n, most: 1e9 }))
             const claims = await nonces.claim(entries)
             writeSync(1, sent.flatMap((n, i) => claims[i] === 'new' ? [stream + ':' + n] : []).join(' ') + '\\n')
           }
           for (let n = 1; ; n += 2) await Promise.all([1, 2, 3].map((stream) => pay(stream, n)))`,
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      )
      const ended = once(child, 'exit')
      let fresh = 0
      for await (const line of createInterface(child.stdout)) {
        for (const nonce of line.split(' ').filter(Boolean)) {
          accepted.set(nonce, (accepted.get(nonce) ?? 0) + 1)
          fresh++
          told++
        }
        if (fresh >= 150) child.kill('SIGKILL')
      }
      expect((await ended)[1]).toBe('SIGKILL')
    }
    expect(told).toBeGreaterThanOrEqual(600)
    expect([...accepted].filter(([, times]) => times > 1)).toEqual([])
    const db = openNodeStore(path)
    const nonces = new TicketNonceTable(db)
    const all = [...accepted.keys()].map((nonce) => nonce.split(':').map(Number))
    const claims = await nonces.claim(
      all.flatMap(([stream, nonce]) => entries(stream!, [nonce!]).map((entry) => ({ ...entry, most: 1e9 }))),
    )
    expect(new Set(claims)).toEqual(new Set(['seen']))
    db.close()
  })
})

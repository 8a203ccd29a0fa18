import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bigintToBytes, silentLog, toHex } from '@millrace/base'
import type { Database } from '@millrace/base/node'
import { MemoryTicketStore, recipientRandHash, type Ticket, ticketHash } from '@millrace/payments'
import { type Address, checksumAddress } from '@millrace/wire'
import { createKeySigner, signatureVerifier } from '@millrace/wire/node'
import { DatabaseSync } from '@photostructure/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { goLivepeerDatabase, importGoLivepeerTickets } from './go-livepeer-tickets.ts'

const CHAIN_ID = 42161
const RECIPIENT: Address = '0x00000000000000000000000000000000000000aa'
const sender = createKeySigner(new Uint8Array(randomBytes(32)))

let folder: string
let store: MemoryTicketStore

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-lpdb-'))
  store = new MemoryTicketStore()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A database as go-livepeer leaves it: its columns, with the types that it declares. */
function openDatabase(chainId: number | undefined = CHAIN_ID): Database {
  const db = new DatabaseSync(goLivepeerDatabase(folder))
  db.exec(`CREATE TABLE kv (key STRING PRIMARY KEY, value STRING, updatedAt STRING);
    CREATE TABLE ticketQueue (createdAt DATETIME DEFAULT CURRENT_TIMESTAMP, sender STRING, recipient STRING, faceValue BLOB,
      winProb BLOB, senderNonce INTEGER, recipientRand BLOB, recipientRandHash STRING, sig BLOB PRIMARY KEY,
      creationRound int64, creationRoundBlockHash STRING, paramsExpirationBlock int64, redeemedAt DATETIME, txHash STRING)`)
  db.prepare('INSERT INTO kv (key, value) VALUES (?, ?)').run('dbVersion', '1')
  if (chainId !== undefined) db.prepare('INSERT INTO kv (key, value) VALUES (?, ?)').run('chainID', String(chainId))
  return db
}

type Changes = Partial<Ticket> & { sig?: Uint8Array; rand?: bigint; redeemedAt?: string }

/** Writes a ticket that wins for sure, as go-livepeer writes it: addresses with their checksum, numbers as minimal bytes. */
function addTicket(db: Database, { sig, rand = 0x1234n, redeemedAt, ...changes }: Changes = {}): Ticket {
  const ticket: Ticket = {
    recipient: RECIPIENT,
    sender: sender.address,
    faceValue: 10n ** 15n,
    winProb: (1n << 256n) - 1n,
    senderNonce: 1,
    recipientRandHash: recipientRandHash(0x1234n),
    creationRound: 3400n,
    creationRoundBlockHash: toHex(new Uint8Array(32).fill(0xab)),
    paramsExpirationBlock: 21_000_000n,
    ...changes,
  }
  db.prepare(
    `INSERT INTO ticketQueue (sender, recipient, faceValue, winProb, senderNonce, recipientRand, recipientRandHash, sig,
       creationRound, creationRoundBlockHash, paramsExpirationBlock, redeemedAt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    ...[checksumAddress(ticket.sender), checksumAddress(ticket.recipient), bigintToBytes(ticket.faceValue)],
    ...[bigintToBytes(ticket.winProb), ticket.senderNonce, bigintToBytes(rand), ticket.recipientRandHash],
    ...[sig ?? sender.signPersonal(ticketHash(ticket)), Number(ticket.creationRound), ticket.creationRoundBlockHash],
    ...[Number(ticket.paramsExpirationBlock), redeemedAt ?? null],
  )
  return ticket
}

const run = () =>
  importGoLivepeerTickets(
    { folder, recipient: RECIPIENT, chainId: CHAIN_ID },
    { store, verifier: signatureVerifier, log: silentLog },
  )
const stored = (ticket: Ticket) => store.find(toHex(ticketHash(ticket)))

describe('the data folder of a go-livepeer node', () => {
  it('gives its unredeemed tickets, once, in the order in which they were won', async () => {
    const db = openDatabase()
    const tickets = [1, 2, 3].map((senderNonce) => addTicket(db, { senderNonce }))
    addTicket(db, { senderNonce: 4, redeemedAt: '2026-01-02 03:04:05' })
    db.close()
    expect(await run()).toEqual({ imported: 3, known: 0, refused: 0 })
    const open = await store.openTickets(sender.address, { expiredAtBlock: 22_000_000n, limit: 10 })
    expect(open.map(({ ticket }) => ticket)).toEqual(tickets)
    expect(open[0]).toMatchObject({ recipientRand: 0x1234n, state: { status: 'queued' } })
    expect(await run()).toEqual({ imported: 0, known: 3, refused: 0 })
  })

  it('does not bring back what we have redeemed since', async () => {
    const db = openDatabase()
    const ticket = addTicket(db)
    db.close()
    await run()
    await store.markRedeemed(toHex(ticketHash(ticket)), { block: 5n })
    await run()
    expect((await stored(ticket))?.state).toMatchObject({ status: 'redeemed' })
  })

  it.each<[string, Changes]>([
    ['for somebody else', { recipient: '0x00000000000000000000000000000000000000bb' }],
    ['with a wrong signature', { sig: new Uint8Array(65).fill(1) }],
    ['whose secret does not fit', { rand: 0x4321n }],
    ['that did not win', { winProb: 0n }],
    ['with a hash that is none', { creationRoundBlockHash: 'nonsense' as `0x${string}`, sig: new Uint8Array(65) }],
  ])('is not believed: a ticket %s is left out, the others are taken', async (_, changes) => {
    const db = openDatabase()
    addTicket(db, { senderNonce: 9, ...changes })
    const good = addTicket(db)
    db.close()
    expect(await run()).toEqual({ imported: 1, known: 0, refused: 1 })
    expect(await stored(good)).toBeDefined()
  })

  it('is refused when it belongs to another chain, and taken when it names none', async () => {
    const db = openDatabase(1)
    addTicket(db)
    await expect(run()).rejects.toMatchObject({ code: 'wrong_chain_id' })
    db.exec("DELETE FROM kv WHERE key = 'chainID'")
    db.close()
    expect(await run()).toMatchObject({ imported: 1 })
  })

  it('is read while go-livepeer has it open, and is not changed', async () => {
    const db = openDatabase()
    const ticket = addTicket(db)
    expect(await run()).toMatchObject({ imported: 1 })
    expect(db.prepare('SELECT redeemedAt FROM ticketQueue').all()).toEqual([{ redeemedAt: null }])
    db.close()
    expect(await stored(ticket)).toBeDefined()
  })

  it('may have no database, or one of a version without a queue', async () => {
    expect(await run()).toEqual({ imported: 0, known: 0, refused: 0 })
    const db = openDatabase()
    db.exec('DROP TABLE ticketQueue')
    db.close()
    expect(await run()).toEqual({ imported: 0, known: 0, refused: 0 })
  })

  it('says so when its database is none, or has other columns', async () => {
    writeFileSync(goLivepeerDatabase(folder), Buffer.alloc(8192, 7))
    await expect(run()).rejects.toMatchObject({ code: 'store_unreadable' })
    rmSync(goLivepeerDatabase(folder))
    const db = openDatabase()
    db.exec('ALTER TABLE ticketQueue DROP COLUMN winProb')
    db.close()
    await expect(run()).rejects.toMatchObject({ code: 'store_unreadable' })
  })
})

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { bytesToBigint, errorText, type Hex, type Log, MillraceError } from '@millrace/base'
import { type Database, openSqliteReadOnly } from '@millrace/base/node'
import { type TicketStore, TicketValidator, type WinningTicket, winningTicket } from '@millrace/payments'
import { type Address, parseAddress, type SignatureVerifier } from '@millrace/wire'

/** A row of go-livepeer's table ticketQueue; integers that it writes into columns of type STRING come back as numbers. */
type Row = {
  sender: string
  recipient: string
  faceValue: Uint8Array
  winProb: Uint8Array
  senderNonce: number
  recipientRand: Uint8Array
  recipientRandHash: string
  sig: Uint8Array
  creationRound: number
  creationRoundBlockHash: string
  paramsExpirationBlock: number
}

export type ImportedTickets = {
  /** Now in our queue. */
  readonly imported: number
  /** They were there before. */
  readonly known: number
  /** Not ours, not winning, or damaged. */
  readonly refused: number
}

/** Where go-livepeer keeps its database within its data folder. */
export const goLivepeerDatabase = (folder: string): string => join(folder, 'lpdb.sqlite3')

/**
 * Takes the winning tickets that a go-livepeer node has not redeemed into our queue; its database is only read.
 * Nothing is taken on trust: each ticket is checked as if it had just come in. Doing it again changes nothing, and a ticket that
 * go-livepeer redeems meanwhile is found used on chain before ours is sent. Throws `store_unreadable` or `wrong_chain_id`.
 */
export async function importGoLivepeerTickets(
  options: { readonly folder: string; readonly recipient: Address; readonly chainId: number },
  deps: { readonly store: TicketStore; readonly verifier: SignatureVerifier; readonly log: Log },
): Promise<ImportedTickets> {
  const path = goLivepeerDatabase(options.folder)
  if (!existsSync(path)) return { imported: 0, known: 0, refused: 0 }
  const db = openSqliteReadOnly(path)
  let rows: readonly Row[]
  try {
    requireChain(db, options.chainId, path)
    rows = readRows(db)
  } catch (cause) {
    // A damaged page may be met by any of the reads.
    if (cause instanceof MillraceError) throw cause
    throw new MillraceError(
      'store_unreadable',
      `cannot read the tickets of ${path}: ${errorText(cause)}: repair it, or move it away to go on without them`,
      { cause },
    )
  } finally {
    db.close()
  }
  const validator = new TicketValidator(deps)
  const counts = { imported: 0, known: 0, refused: 0 }
  for (const row of rows) {
    try {
      const winning = ticketOfRow(row)
      const { ticket, signature, recipientRand } = winning
      validator.validateTicket(options.recipient, ticket, signature, recipientRand)
      if (!validator.isWinning(ticket, signature, recipientRand))
        throw new MillraceError('ticket_not_winning', 'it did not win')
      counts[(await deps.store.storeWinning(winning, {})) ? 'imported' : 'known']++
    } catch (error) {
      counts.refused++
      deps.log.warn('a ticket of go-livepeer is left out', { sender: row.sender, error: errorText(error) })
    }
  }
  deps.log.info('took over the tickets that go-livepeer has not redeemed', { path, ...counts })
  return counts
}

function requireChain(db: Database, chainId: number, path: string): void {
  const known = hasTable(db, 'kv')
    ? (db.prepare("SELECT value FROM kv WHERE key = 'chainID'").get() as { value: unknown } | undefined)?.value
    : undefined
  if (known === undefined || Number(known) === chainId) return
  throw new MillraceError(
    'wrong_chain_id',
    `${path} belongs to chain ${String(known).slice(0, 20)}, this node to chain ${chainId}: name the data folder of the same network`,
  )
}

function readRows(db: Database): readonly Row[] {
  // Early versions of go-livepeer had no queue.
  if (!hasTable(db, 'ticketQueue')) return []
  return db
    .prepare(
      `SELECT sender, recipient, faceValue, winProb, senderNonce, recipientRand, recipientRandHash, sig, creationRound,
         creationRoundBlockHash, paramsExpirationBlock FROM ticketQueue WHERE redeemedAt IS NULL ORDER BY createdAt`,
    )
    .all() as Row[]
}

const hasTable = (db: Database, name: string): boolean =>
  db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined

function ticketOfRow(row: Row): WinningTicket {
  return winningTicket({
    ticket: {
      recipient: parseAddress(row.recipient),
      sender: parseAddress(row.sender),
      faceValue: bytesToBigint(row.faceValue),
      winProb: bytesToBigint(row.winProb),
      senderNonce: row.senderNonce,
      recipientRandHash: hash32(row.recipientRandHash),
      creationRound: BigInt(row.creationRound),
      creationRoundBlockHash: hash32(row.creationRoundBlockHash),
      paramsExpirationBlock: BigInt(row.paramsExpirationBlock),
    },
    signature: new Uint8Array(row.sig),
    recipientRand: bytesToBigint(row.recipientRand),
  })
}

function hash32(text: string): Hex {
  if (!/^0x[0-9a-fA-F]{64}$/.test(text)) throw new MillraceError('bad_ticket', 'a hash of it is no hash')
  return text.toLowerCase() as Hex
}

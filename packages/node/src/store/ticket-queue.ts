import type { BlockNumber, Hex } from '@millrace/base'
import type { Database } from '@millrace/base/node'
import type { StoredTicket, TicketOrigin, TicketState, TicketStore, WinningTicket } from '@millrace/payments'
import { type Address, manifestId, sessionId } from '@millrace/wire'

type Row = {
  hash: Hex
  recipient: Address
  sender: Address
  face_value: string
  win_prob: string
  sender_nonce: number
  recipient_rand_hash: Hex
  creation_round: string
  creation_round_block_hash: Hex
  params_expiration_block: number
  signature: Uint8Array
  recipient_rand: string
  manifest_id: string | null
  seq: number | null
  session_id: string | null
  status: TicketState['status']
  tx_hash: Hex | null
  reason: string | null
  block: number | null
}

/** Winning tickets on SQLite; every method is one statement, and so one transaction. */
export class TicketQueueTable implements TicketStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  async storeWinning({ hash, ticket, signature, recipientRand, origin }: WinningTicket): Promise<boolean> {
    const { changes } = this.#db
      .prepare(
        `INSERT INTO winning_tickets (hash, recipient, sender, face_value, win_prob, sender_nonce, recipient_rand_hash, creation_round,
           creation_round_block_hash, params_expiration_block, signature, recipient_rand, manifest_id, seq, session_id, status)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued') ON CONFLICT (hash) DO NOTHING`,
      )
      .run(
        ...[hash, ticket.recipient, ticket.sender, ticket.faceValue.toString(), ticket.winProb.toString()],
        ...[
          ticket.senderNonce,
          ticket.recipientRandHash,
          ticket.creationRound.toString(),
          ticket.creationRoundBlockHash,
        ],
        ...[Number(ticket.paramsExpirationBlock), signature, recipientRand.toString()],
        ...[origin?.manifestId ?? null, origin?.seq ?? null, origin?.sessionId ?? null],
      )
    return changes > 0
  }

  async sendersWithOpenTickets(): Promise<readonly Address[]> {
    const rows = this.#db
      .prepare(`SELECT DISTINCT sender FROM winning_tickets WHERE status IN ('queued', 'submitted')`)
      .all() as { sender: Address }[]
    return rows.map(({ sender }) => sender)
  }

  async openTickets(
    sender: Address,
    filter: { readonly expiredAtBlock: BlockNumber; readonly limit: number; readonly offset?: number },
  ): Promise<readonly StoredTicket[]> {
    const rows = this.#db
      .prepare(
        `SELECT * FROM winning_tickets WHERE sender = ? AND status IN ('queued', 'submitted') AND params_expiration_block <= ?
         ORDER BY position LIMIT ? OFFSET ?`,
      )
      .all(sender, Number(filter.expiredAtBlock), filter.limit, filter.offset ?? 0) as Row[]
    return rows.map(storedTicket)
  }

  async find(hash: Hex): Promise<StoredTicket | undefined> {
    const row = this.#db.prepare('SELECT * FROM winning_tickets WHERE hash = ?').get(hash) as Row | undefined
    return row && storedTicket(row)
  }

  async markSubmitted(hash: Hex, txHash: Hex): Promise<void> {
    this.#mark(hash, 'submitted', { txHash })
  }

  async markQueued(hash: Hex): Promise<void> {
    this.#mark(hash, 'queued', {})
  }

  async markRedeemed(hash: Hex, done: { readonly txHash?: Hex; readonly block: BlockNumber }): Promise<void> {
    this.#mark(hash, 'redeemed', done)
  }

  async markDropped(hash: Hex, done: { readonly reason: string; readonly block: BlockNumber }): Promise<void> {
    this.#mark(hash, 'dropped', done)
  }

  async requeueAbove(block: BlockNumber): Promise<number> {
    const { changes } = this.#db
      .prepare(
        `UPDATE winning_tickets SET status = 'queued', tx_hash = NULL, reason = NULL, block = NULL
         WHERE status IN ('redeemed', 'dropped') AND block > ?`,
      )
      .run(Number(block))
    return Number(changes)
  }

  #mark(hash: Hex, status: TicketState['status'], more: { txHash?: Hex; reason?: string; block?: BlockNumber }): void {
    this.#db
      .prepare('UPDATE winning_tickets SET status = ?, tx_hash = ?, reason = ?, block = ? WHERE hash = ?')
      .run(status, more.txHash ?? null, more.reason ?? null, more.block === undefined ? null : Number(more.block), hash)
  }
}

function storedTicket(row: Row): StoredTicket {
  const origin = originOf(row)
  return {
    hash: row.hash,
    ticket: {
      recipient: row.recipient,
      sender: row.sender,
      faceValue: BigInt(row.face_value),
      winProb: BigInt(row.win_prob),
      senderNonce: row.sender_nonce,
      recipientRandHash: row.recipient_rand_hash,
      creationRound: BigInt(row.creation_round),
      creationRoundBlockHash: row.creation_round_block_hash,
      paramsExpirationBlock: BigInt(row.params_expiration_block),
    },
    signature: new Uint8Array(row.signature),
    recipientRand: BigInt(row.recipient_rand),
    ...(origin && { origin }),
    state: stateOf(row),
  }
}

function originOf(row: Row): TicketOrigin | undefined {
  if (row.manifest_id === null) return undefined
  return {
    manifestId: manifestId(row.manifest_id),
    ...(row.seq !== null && { seq: row.seq }),
    ...(row.session_id !== null && { sessionId: sessionId(row.session_id) }),
  }
}

function stateOf({ status, tx_hash, reason, block }: Row): TicketState {
  if (status === 'submitted') return { status, txHash: tx_hash as Hex }
  if (status === 'redeemed') return { status, block: BigInt(block ?? 0), ...(tx_hash !== null && { txHash: tx_hash }) }
  if (status === 'dropped') return { status, reason: reason ?? '', block: BigInt(block ?? 0) }
  return { status: 'queued' }
}

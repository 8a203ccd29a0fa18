import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'

/** A winning ticket as a node's store holds it. */
export type KeptTicket = { readonly hash: string; readonly status: string; readonly paramsExpirationBlock: number }

/** Reads a node's store beside the node that uses it. */
function read<T>(folder: string, node: string, sql: string): readonly T[] {
  const db = new DatabaseSync(join(folder, 'nodes', node, 'store.sqlite'), { readOnly: true })
  try {
    return db.prepare(sql).all() as T[]
  } finally {
    db.close()
  }
}

/** All winning tickets that a node keeps, whatever became of them. */
export const keptTickets = (folder: string, node: string): readonly KeptTicket[] =>
  read(
    folder,
    node,
    'SELECT hash, status, params_expiration_block AS paramsExpirationBlock FROM winning_tickets ORDER BY position',
  )

/** The secrets of an orchestrator: what its ticket parameters and its sessions are made with. */
export const keptSecrets = (
  folder: string,
  node: string,
): readonly { readonly key: string; readonly value: string }[] =>
  read(folder, node, `SELECT key, value FROM kv WHERE key IN ('ticketSecret', 'authTokenSecret') ORDER BY key`)

/** The ticket nonces that an orchestrator has seen, as text, with the block at which they may be forgotten. */
export const keptNonces = (
  folder: string,
  node: string,
): readonly { readonly nonce: string; readonly expirationBlock: number }[] =>
  read(
    folder,
    node,
    `SELECT recipient_rand_hash || ' ' || nonce.value AS nonce, expiration_block AS expirationBlock
     FROM used_nonces, json_each('[' || sender_nonces || ']') AS nonce`,
  )

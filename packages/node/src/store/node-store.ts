import { type Database, openSqlite } from '@millrace/base/node'

/** One SQLite file holds everything a node must not lose; each table has its own file here. */
export const openNodeStore = (path: string): Database => openSqlite(path, MIGRATIONS)

const MIGRATIONS = [
  `CREATE TABLE kv (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

   CREATE TABLE winning_tickets (
     position INTEGER PRIMARY KEY AUTOINCREMENT,
     hash TEXT NOT NULL UNIQUE,
     recipient TEXT NOT NULL, sender TEXT NOT NULL,
     face_value TEXT NOT NULL, win_prob TEXT NOT NULL,
     sender_nonce INTEGER NOT NULL, recipient_rand_hash TEXT NOT NULL,
     creation_round TEXT NOT NULL, creation_round_block_hash TEXT NOT NULL,
     params_expiration_block INTEGER NOT NULL,
     signature BLOB NOT NULL, recipient_rand TEXT NOT NULL,
     manifest_id TEXT, seq INTEGER, session_id TEXT,
     status TEXT NOT NULL, tx_hash TEXT, reason TEXT, block INTEGER
   ) STRICT;
   CREATE INDEX winning_tickets_open ON winning_tickets (sender, params_expiration_block) WHERE status IN ('queued', 'submitted');

   CREATE TABLE ticket_outbox (position INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT NOT NULL UNIQUE, request BLOB NOT NULL) STRICT;

   CREATE TABLE ticket_nonces (
     recipient_rand_hash TEXT NOT NULL, sender_nonce INTEGER NOT NULL, expiration_block INTEGER NOT NULL,
     PRIMARY KEY (recipient_rand_hash, sender_nonce)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX ticket_nonces_expiration ON ticket_nonces (expiration_block);

   CREATE TABLE commitments (
     manifest_id TEXT NOT NULL, seq INTEGER NOT NULL, session_id TEXT NOT NULL,
     at_ms INTEGER NOT NULL, orchestrator TEXT NOT NULL, commitment BLOB NOT NULL,
     PRIMARY KEY (session_id, manifest_id, seq)
   ) STRICT;
   CREATE INDEX commitments_age ON commitments (at_ms);`,
  // One row for a payment instead of one for a ticket, in one tree: a fifth of the work.
  `CREATE TABLE used_nonces (
     expiration_block INTEGER NOT NULL, position INTEGER NOT NULL,
     recipient_rand_hash TEXT NOT NULL, sender_nonces TEXT NOT NULL,
     PRIMARY KEY (expiration_block, position)
   ) STRICT, WITHOUT ROWID;
   INSERT INTO used_nonces
     SELECT expiration_block, row_number() OVER (), recipient_rand_hash, group_concat(sender_nonce)
     FROM ticket_nonces GROUP BY recipient_rand_hash;
   DROP TABLE ticket_nonces;`,
]

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nonceTableSuite, ticketStoreSuite } from '@millrace/payments/suites'
import { describe } from 'vitest'
import { openNodeStore } from './node-store.ts'
import { TicketNonceTable } from './nonces.ts'
import { TicketQueueTable } from './ticket-queue.ts'

/** A SQLite file that can be closed and opened again. */
function openFile() {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-store-'))
  const path = join(folder, 'store.sqlite')
  let db = openNodeStore(path)
  return {
    db: () => db,
    reopen: () => {
      db.close()
      db = openNodeStore(path)
      return db
    },
    close: () => {
      db.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

describe('ticket store: sqlite', () =>
  ticketStoreSuite(() => {
    const file = openFile()
    return {
      store: new TicketQueueTable(file.db()),
      reopen: async () => new TicketQueueTable(file.reopen()),
      close: async () => file.close(),
    }
  }))

describe('nonce table: sqlite', () =>
  nonceTableSuite(() => {
    const file = openFile()
    return {
      nonces: new TicketNonceTable(file.db()),
      reopen: async () => new TicketNonceTable(file.reopen()),
      close: async () => file.close(),
    }
  }))

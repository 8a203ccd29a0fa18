import { describe } from 'vitest'
import { MemoryTicketStore } from './memory-ticket-store.ts'
import { nonceTableSuite } from './nonce-table.suite.ts'
import { MemoryNonceTable } from './nonce-table.ts'
import { ticketStoreSuite } from './ticket-store.suite.ts'

describe('ticket store: memory', () => ticketStoreSuite(() => ({ store: new MemoryTicketStore() })))
describe('nonce table: memory', () => nonceTableSuite(() => ({ nonces: new MemoryNonceTable() })))

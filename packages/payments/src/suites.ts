export { nonceTableSuite, type OpenNonceTable } from './nonce-table.suite.ts'
export { type OpenTicketStore, ticketStoreSuite } from './ticket-store.suite.ts'

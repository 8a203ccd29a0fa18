import { DEVNET_ACCOUNTS, GENESIS } from '../genesis/accounts.ts'
import { devnetAddress } from '../genesis/addresses.ts'

/** A chain on which nothing has happened, in anvil's form: the accounts of the embedded network have their ether. */
export function emptyGenesis(): Uint8Array {
  const account = { nonce: 0, balance: `0x${GENESIS.etherEach.toString(16)}`, code: '0x', storage: {} }
  const accounts = Object.fromEntries(DEVNET_ACCOUNTS.map((name) => [devnetAddress(name), account]))
  const state = { block: null, accounts, best_block_number: 0, blocks: [], transactions: [], historical_states: null }
  return Buffer.from(JSON.stringify(state))
}

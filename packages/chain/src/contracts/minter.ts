import type { Perc9 } from '@millrace/base'
import { minterAbi as abi } from '@millrace/contracts'
import type { ChainClient } from '../client.ts'
import { type At, read } from './read.ts'

/** New LPT per round as parts per billion of the supply. */
export const inflation = (client: ChainClient, at: At = {}): Promise<Perc9> =>
  read(client, { address: client.addresses.minter, abi, functionName: 'inflation', args: [] }, at)

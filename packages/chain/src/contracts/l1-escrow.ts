import type { Lpt } from '@millrace/base'
import { l1EscrowAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, openContract } from './contract.ts'

// Keeps the LPT that is on layer 2. Roles are in access-control.ts.

/** Lets a spender, usually the L1LPTGateway, move the escrow's tokens. For administrators. */
export const approve = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly escrow: Address; readonly token: Address; readonly spender: Address; readonly amount: Lpt },
  call?: Call,
): Promise<TxResult> =>
  openContract(l1EscrowAbi, () => params.escrow).send(
    client,
    sender,
    'approve',
    [params.token, params.spender, params.amount],
    call,
  )

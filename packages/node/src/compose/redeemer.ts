import { MillraceError, type Part } from '@millrace/base'
import type { RedeemerConfig } from '../config/node-config.ts'
import { RedeemerServer } from '../links/grpc/redeemer-server.ts'
import { Redeemer } from '../redeemer/redeemer.ts'
import type { Shared } from './shared.ts'

/** A redeemer in a process of its own: it has its own account for gas, and the payouts go to the recipient. */
export function composeRedeemer(config: RedeemerConfig, shared: Shared, parts: Part[]): void {
  const { chain, parameters, ticketQueue, log, tell } = shared
  if (!chain)
    throw new MillraceError(
      'no_chain',
      'a redeemer has nothing to do without a chain: name one, or leave the redeemer out',
    )
  const redeemer = new Redeemer(
    { recipient: config.recipient ?? chain.address, parameters },
    { chain, sender: chain.txSender, store: ticketQueue, tell, log },
  )
  parts.push(redeemer, new RedeemerServer({ ...config.listen, folder: shared.config.folder }, { redeemer, log }))
}

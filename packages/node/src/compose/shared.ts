import type { Log, MillraceError } from '@millrace/base'
import type { Database, Hashing } from '@millrace/base/node'
import type { PaymentParameters } from '@millrace/payments'
import type { CommitmentDomain, TellEvent } from '@millrace/wire'
import type { ChainAccess } from '../chain-access.ts'
import type { NodeConfig } from '../config/node-config.ts'
import type { EventHub } from '../events/event-hub.ts'
import type { CommitmentTable } from '../store/commitments.ts'
import type { KeyValueTable } from '../store/key-value.ts'
import type { TicketQueueTable } from '../store/ticket-queue.ts'
import type { OperatorParts } from './operator.ts'
import type { CurrencyRates } from './price-feed.ts'
import type { RemoteSigner } from './remote-signer.ts'

/** What all roles of one node share. */
export type Shared = {
  readonly config: NodeConfig
  readonly log: Log
  readonly tell: TellEvent
  readonly hub: EventHub
  readonly db: Database
  readonly kv: KeyValueTable
  readonly commitments: CommitmentTable
  readonly ticketQueue: TicketQueueTable
  readonly chain: ChainAccess | undefined
  /** Who signs for the gateway, where the key is not here. */
  readonly remoteSigner: RemoteSigner | undefined
  readonly parameters: PaymentParameters
  /** What prices in other currencies are worth. */
  readonly rates: CurrencyRates
  readonly domain: CommitmentDomain | undefined
  readonly hashing: Hashing
  /** What the operator's port steers. */
  readonly operator: OperatorParts
  readonly onFatal: (error: MillraceError) => void
}

import { type ErrorOptions, MillraceError } from '@millrace/base'

/**
 * A failure between the two chains of a pair.
 * `chains_diverged`: one chain has lost messages that the other has acted on; nothing more is carried over.
 * `not_relayer`: the key is not the one that the chains were set up with.
 * `message_unreadable`: a chain counts a message but does not give its log.
 * `message_unknown`: no message with this number waits.
 */
export class BridgeError extends MillraceError {
  constructor(code: BridgeErrorCode, message: string, options: ErrorOptions = {}) {
    super(code, message, options)
    this.name = 'BridgeError'
  }
}

export type BridgeErrorCode = 'chains_diverged' | 'not_relayer' | 'message_unreadable' | 'message_unknown'

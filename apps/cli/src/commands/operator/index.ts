import { activate } from './activate.ts'
import { bond } from './bond.ts'
import { deposit } from './deposit.ts'
import { faucet } from './faucet.ts'
import { gas } from './gas.ts'
import type { OPERATOR_COMMANDS } from './names.ts'
import type { OperatorCommand } from './operator-command.ts'
import { price } from './price.ts'
import { rebond } from './rebond.ts'
import { reward } from './reward.ts'
import { round } from './round.ts'
import { status } from './status.ts'
import { transfer } from './transfer.ts'
import { unbond } from './unbond.ts'
import { unlock } from './unlock.ts'
import { vote } from './vote.ts'
import { withdraw } from './withdraw.ts'
import { workers } from './workers.ts'

/** Commands over the operator's port of a node that runs. */
export const operatorCommands = {
  status,
  workers,
  bond,
  unbond,
  rebond,
  withdraw,
  transfer,
  deposit,
  unlock,
  reward,
  round,
  price,
  gas,
  vote,
  activate,
  faucet,
} satisfies Record<(typeof OPERATOR_COMMANDS)[number], OperatorCommand>

/** The commands over the operator's port, by name; what they do is loaded when one of them is run. */
export const OPERATOR_COMMANDS = [
  'status',
  'workers',
  'bond',
  'unbond',
  'rebond',
  'withdraw',
  'transfer',
  'deposit',
  'unlock',
  'reward',
  'round',
  'price',
  'gas',
  'vote',
  'activate',
  'faucet',
] as const

import { addressOfKey } from '@millrace/chain/node'
import type { Address } from '@millrace/wire'
import { type DevnetAccount, devnetKey } from './accounts.ts'

/** The address of a test account. */
export const devnetAddress = (account: DevnetAccount): Address => addressOfKey(devnetKey(account))

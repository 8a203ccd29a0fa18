import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { DEVNET_CHAIN_ID } from '@millrace/chain'
import { encryptKey } from '@millrace/chain/node'
import { EmbeddedChain } from '../embedded-chain.ts'
import { type DevnetAccount, devnetKey } from '../genesis/accounts.ts'
import { devnetAddress } from '../genesis/addresses.ts'
import { preparedGenesis } from '../genesis/prepared-genesis.ts'

/** An embedded chain on a free port with a block a second, for nodes that somebody else starts; its state lies in `chain` of the folder. */
export async function openStandingChain(folder: string): Promise<EmbeddedChain> {
  const own = join(folder, 'chain')
  await mkdir(own)
  const chain = new EmbeddedChain(
    {
      folder: own,
      host: '127.0.0.1',
      port: 0,
      chainId: DEVNET_CHAIN_ID,
      genesis: preparedGenesis,
      blockTimeMs: 1_000,
      dumpEveryMs: 60_000,
    },
    { log: silentLog, onDeath: () => {} },
  )
  await chain.start()
  return chain
}

/** Writes the key file of an account as geth names it; the light derivation protects nothing, the key is public. */
export async function writeKeyFile(keystore: string, account: DevnetAccount, password: string): Promise<void> {
  await mkdir(keystore, { recursive: true })
  const name = `UTC--2024-01-01T00-00-00.000000000Z--${devnetAddress(account).slice(2)}`
  await writeFile(join(keystore, name), JSON.stringify(await encryptKey(devnetKey(account), password, { n: 1024 })))
}

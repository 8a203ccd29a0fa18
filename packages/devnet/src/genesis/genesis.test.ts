import { createHash } from 'node:crypto'
import { keccak256, toHex } from '@millrace/base'
import {
  balanceOf,
  type ChainClient,
  getOrchestrator,
  getPool,
  getSenderInfo,
  getServiceUri,
  inflation,
  pendingStake,
  refuseTestKey,
  roundState,
  totalBonded,
  totalSupply,
} from '@millrace/chain'
import { mnemonicToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { connectTo, embeddedChain, openFolder } from '../chain-fixture.ts'
import { DEVNET_ACCOUNTS, devnetKeyHex, GENESIS } from './accounts.ts'
import { devnetAddress } from './addresses.ts'
import { buildGenesis } from './build-genesis.ts'
import { preparedGenesis, preparedNetwork } from './prepared-genesis.ts'

it('the accounts are among the first twelve of the mnemonic that everybody knows, and refused elsewhere', () => {
  const known = new Map(
    Array.from({ length: 12 }, (_, addressIndex) => {
      const account = mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex })
      return [account.address.toLowerCase(), toHex(account.getHdKey().privateKey!)] as const
    }),
  )
  for (const account of DEVNET_ACCOUNTS) {
    expect(known.get(devnetAddress(account)), account).toBe(devnetKeyHex(account))
    expect(() => refuseTestKey(devnetAddress(account), 42161)).toThrow(
      expect.objectContaining({ code: 'test_key_on_real_network' }),
    )
  }
  expect(new Set(DEVNET_ACCOUNTS.map(devnetAddress)).size).toBe(DEVNET_ACCOUNTS.length)
})

type State = { readonly accounts: Record<string, { readonly code?: string; readonly balance: string }> }
const read = (state: Uint8Array): State => JSON.parse(Buffer.from(state).toString('utf8')) as State

/** The hash of the code at every address that has some. */
const codes = ({ accounts }: State): Record<string, string> =>
  Object.fromEntries(
    Object.entries(accounts)
      .filter(([, { code }]) => code !== undefined && code.length > 2)
      .map(([address, { code }]) => [address, toHex(keccak256(Buffer.from(code!.slice(2), 'hex')))] as const)
      .sort(),
  )

/** What matters of a network to those who use it; blocks and times are left out. */
async function facts(client: ChainClient) {
  const accounts = await Promise.all(
    DEVNET_ACCOUNTS.map(async (account) => {
      const address = devnetAddress(account)
      return [account, await balanceOf(client, address), await pendingStake(client, address)] as const
    }),
  )
  const orchestrators = await Promise.all(
    (await getPool(client)).map(async (address) => {
      const { active, stake, rewardCut, feeShare } = await getOrchestrator(client, address)
      return { address, active, stake, rewardCut, feeShare, uri: await getServiceUri(client, address) }
    }),
  )
  const { initialized, roundLength } = await roundState(client)
  return {
    addresses: client.addresses,
    accounts,
    orchestrators,
    sender: await getSenderInfo(client, devnetAddress('gateway')),
    supply: await totalSupply(client),
    bonded: await totalBonded(client),
    inflation: await inflation(client),
    initialized,
    roundLength,
  }
}

async function factsOf(state: Uint8Array) {
  await using folder = await openFolder()
  const chain = embeddedChain(folder.path, { genesis: async () => state })
  await chain.start()
  try {
    return await facts(await connectTo(chain))
  } finally {
    await chain.crash()
  }
}

describe('the prepared network', () => {
  it('is the file that its fingerprint names', async () => {
    const { fingerprint } = await preparedNetwork()
    expect(
      createHash('sha256')
        .update(await preparedGenesis())
        .digest('hex')
        .slice(0, 16),
    ).toBe(fingerprint)
  })

  it('equals one that is built now, in everything that matters', async () => {
    const prepared = await preparedGenesis()
    const built = await buildGenesis()
    expect(built.controller).toBe((await preparedNetwork()).controller)
    expect(codes(read(built.state))).toEqual(codes(read(prepared)))
    expect(Object.keys(codes(read(prepared))).length).toBeGreaterThan(10)
    const [then, now] = [await factsOf(prepared), await factsOf(built.state)]
    expect(now).toEqual(then)
    expect(then.sender).toMatchObject({ deposit: GENESIS.deposit, reserve: { fundsRemaining: GENESIS.reserve } })
    expect(then.initialized).toBe(true)
    for (const { account, stake, rewardCut, feeShare, serviceUri } of GENESIS.orchestrators) {
      const backed = GENESIS.delegators.filter(({ to }) => to === account)
      expect(then.orchestrators).toContainEqual({
        address: devnetAddress(account),
        active: true,
        stake: backed.reduce((sum, delegator) => sum + delegator.stake, stake),
        rewardCut,
        feeShare,
        uri: serviceUri,
      })
    }
  })
})

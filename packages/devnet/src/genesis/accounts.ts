import { fromHex } from '@millrace/base'
import { DEVNET_DEPOSIT_WEI, DEVNET_RESERVE_WEI } from '@millrace/payments'

/**
 * The accounts of the embedded network: the well-known test keys of every Ethereum tool (mnemonic "test test … junk").
 * Anybody knows them, so they are refused on every chain but the embedded one.
 */
const KEYS = {
  deployer: '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
  gateway: '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
  orchestrator1: '0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a',
  orchestrator2: '0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6',
  delegator1: '0x47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a',
  delegator2: '0x8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba',
  delegator3: '0x92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e',
  delegator4: '0x4bbbf85ce3377467afe5d46f804f221813b2bb87f24d81f60f1fcdbf7cbf4356',
  redeemer1: '0xf214f2b2cd398c806f84e317254e0f0b801d0643303237d97a22a48e01628897',
  redeemer2: '0x701b615bbdfb9de65240bc28bd21bbc0d996645a3dd57e7b12bc2bdf6f192c82',
} as const

export type DevnetAccount = keyof typeof KEYS

/** The private key of a test account. */
export const devnetKey = (account: DevnetAccount): Uint8Array => fromHex(KEYS[account])

/** The same as 0x-hex, for viem. */
export const devnetKeyHex = (account: DevnetAccount): `0x${string}` => KEYS[account]

const LPT = 10n ** 18n
const ETHER = 10n ** 18n

/** All accounts of the embedded network. */
export const DEVNET_ACCOUNTS = Object.keys(KEYS) as readonly DevnetAccount[]

/** Who has staked what when the network begins. Delegators are named with the orchestrator they back. */
export const GENESIS = {
  etherEach: 1_000n * ETHER,
  deposit: DEVNET_DEPOSIT_WEI,
  reserve: DEVNET_RESERVE_WEI,
  orchestrators: [
    {
      account: 'orchestrator1',
      stake: 150_000n * LPT,
      rewardCut: 200_000n,
      feeShare: 500_000n,
      serviceUri: 'https://127.0.0.1:8935',
    },
    {
      account: 'orchestrator2',
      stake: 120_000n * LPT,
      rewardCut: 100_000n,
      feeShare: 400_000n,
      serviceUri: 'https://127.0.0.1:8936',
    },
  ],
  delegators: [
    { account: 'delegator1', stake: 60_000n * LPT, to: 'orchestrator1' },
    { account: 'delegator2', stake: 40_000n * LPT, to: 'orchestrator1' },
    { account: 'delegator3', stake: 50_000n * LPT, to: 'orchestrator2' },
    { account: 'delegator4', stake: 30_000n * LPT, to: 'orchestrator2' },
  ],
} as const satisfies {
  etherEach: bigint
  deposit: bigint
  reserve: bigint
  orchestrators: readonly {
    account: DevnetAccount
    stake: bigint
    rewardCut: bigint
    feeShare: bigint
    serviceUri: string
  }[]
  delegators: readonly { account: DevnetAccount; stake: bigint; to: DevnetAccount }[]
}

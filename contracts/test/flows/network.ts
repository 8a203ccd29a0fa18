import {
  type Abi,
  type Account,
  type Address,
  createPublicClient,
  createTestClient,
  createWalletClient,
  encodeFunctionData,
  type Hex,
  http,
  keccak256,
  parseEther,
  stringToHex,
  type TransactionReceipt,
} from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { type DeployOptions, deployProtocol, devnet, type NetworkParameters } from '../../ts/deploy.ts'
import {
  bondingManagerAbi,
  governorAbi,
  livepeerGovernorAbi,
  livepeerTokenAbi,
  roundsManagerAbi,
} from '../../ts/generated/abis.ts'
import { startAnvil } from '../../ts/testing/anvil.ts'

const roundLength = 50n

/** Networks of the flows have short rounds and no faucet. */
export const parameters: NetworkParameters = {
  ...devnet,
  roundLength,
  numActiveTranscoders: 10n,
  unbondingPeriod: 2n,
  treasuryRewardCutRate: 0n,
  governance: { ...devnet.governance, votingDelay: 1n, votingPeriod: 2n },
}

const account = (addressIndex: number) =>
  mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex })

/** Who plays: orchestrators olive and otto, delegators dora and dan, an SPE that is paid, and a multisig. */
export const people = {
  deployer: account(0),
  olive: account(1),
  otto: account(2),
  dora: account(3),
  dan: account(4),
  spe: account(5),
  multisig: account(6),
} as const

/** What a proposal does. */
export type Proposal = {
  readonly targets: readonly Address[]
  readonly values: readonly bigint[]
  readonly calldatas: readonly Hex[]
  readonly description: string
}

export type Flow = Awaited<ReturnType<typeof openNetwork>>

/** Deploys a network to a chain of its own, with LPT for everybody and the first round initialised. */
export async function openNetwork(options: Pick<DeployOptions, 'governance'> & { parameters?: NetworkParameters }) {
  const anvil = await startAnvil(['--gas-price', '0', '--block-base-fee-per-gas', '0'])
  const transport = http(anvil.url)
  const publicClient = createPublicClient({ transport, pollingInterval: 20, cacheTime: 0 })
  const testClient = createTestClient({ transport, mode: 'anvil' })
  const contracts = await deployProtocol({
    publicClient,
    walletClient: createWalletClient({ transport, account: people.deployer }),
    parameters,
    allocations: Object.values(people).map(({ address }) => ({ account: address, amount: parseEther('10000') })),
    ...options,
  })

  // With automine a receipt can be seen a moment before the state that goes with it.
  await anvil.rpc.request('evm_setAutomine', false)

  /** Sends a transaction in a block of its own and returns its receipt; one that fails throws with the contract's reason. */
  async function send(
    from: Account,
    address: Address,
    abi: Abi | readonly unknown[],
    functionName: string,
    args: readonly unknown[] = [],
    value = 0n,
  ): Promise<TransactionReceipt> {
    const walletClient = createWalletClient({ transport, account: from })
    const call = { address, abi, functionName, args, value, chain: null, gas: 10_000_000n } as never
    await publicClient.simulateContract({ ...(call as object), account: from } as never)
    const hash = await walletClient.writeContract(call)
    await anvil.rpc.request('evm_mine')
    const receipt = await publicClient.getTransactionReceipt({ hash })
    if (receipt.status !== 'success') throw new Error(`${functionName} failed`)
    return receipt
  }

  const read = async <T>(
    address: Address,
    abi: Abi | readonly unknown[],
    functionName: string,
    args: readonly unknown[] = [],
  ): Promise<T> => (await publicClient.readContract({ address, abi, functionName, args } as never)) as T

  const rounds = contracts.roundsManager

  /** Mines to the first block of the next round and initialises it. */
  async function nextRound(count = 1): Promise<void> {
    for (let i = 0; i < count; i++) {
      const now = await publicClient.getBlockNumber()
      await testClient.mine({ blocks: Number(roundLength - (now % roundLength)) })
      await send(people.deployer, rounds, roundsManagerAbi, 'initializeRound')
    }
  }

  const bond = async (who: Account, lpt: string, to: Account) => {
    const { bondingManager, livepeerToken } = contracts
    await send(who, livepeerToken, livepeerTokenAbi, 'approve', [bondingManager, parseEther(lpt)])
    await send(who, bondingManager, bondingManagerAbi, 'bond', [parseEther(lpt), to.address])
  }

  const reward = (who: Account) => send(who, contracts.bondingManager, bondingManagerAbi, 'reward')
  const lptOf = (address: Address) => read<bigint>(contracts.livepeerToken, livepeerTokenAbi, 'balanceOf', [address])

  /** Olive has 1000 LPT and dora's 300, otto 500 and dan's 200, all of it active. */
  async function startStaking(): Promise<void> {
    await bond(people.olive, '1000', people.olive)
    await bond(people.otto, '500', people.otto)
    await bond(people.dora, '300', people.olive)
    await bond(people.dan, '200', people.otto)
    await nextRound()
  }

  const governor = () => contracts.livepeerGovernor!
  const govern = (who: Account, functionName: string, args: readonly unknown[]) =>
    send(who, governor(), livepeerGovernorAbi, functionName, args)
  const hashed = ({ targets, values, calldatas, description }: Proposal) =>
    [targets, values, calldatas, keccak256(stringToHex(description))] as const
  const idOf = (proposal: Proposal) => read<bigint>(governor(), livepeerGovernorAbi, 'hashProposal', hashed(proposal))

  await nextRound()
  return {
    anvil,
    publicClient,
    testClient,
    contracts,
    send,
    read,
    nextRound,
    bond,
    reward,
    lptOf,
    startStaking,
    governance: {
      idOf,
      propose: (who: Account, { targets, values, calldatas, description }: Proposal) =>
        govern(who, 'propose', [targets, values, calldatas, description]),
      vote: async (who: Account, proposal: Proposal, support: number) =>
        govern(who, 'castVote', [await idOf(proposal), support]),
      queue: (who: Account, proposal: Proposal) => govern(who, 'queue', hashed(proposal)),
      execute: (who: Account, proposal: Proposal) => govern(who, 'execute', hashed(proposal)),
      votes: async (proposal: Proposal) =>
        read<readonly [bigint, bigint, bigint]>(governor(), livepeerGovernorAbi, 'proposalVotes', [
          await idOf(proposal),
        ]),
      state: async (proposal: Proposal) =>
        read<number>(governor(), livepeerGovernorAbi, 'state', [await idOf(proposal)]),
      /** Brings a proposal from the idea to the execution, with olive's and otto's votes for it. */
      async carryOut(proposal: Proposal): Promise<void> {
        await this.propose(people.olive, proposal)
        await nextRound(2)
        await this.vote(people.olive, proposal, 1)
        await this.vote(people.otto, proposal, 1)
        await nextRound(2)
        await this.queue(people.dan, proposal)
        await this.execute(people.dan, proposal)
      },
    },
    /** Announces an update of the protocol's owner and makes it once its delay has passed. */
    async update(owner: Account, calls: readonly (readonly [Address, Hex])[], { delay = 0n, nonce = 0n } = {}) {
      const change = {
        target: calls.map(([target]) => target),
        value: calls.map(() => 0n),
        data: calls.map(([, data]) => data),
        nonce,
      }
      await send(owner, contracts.governor!, governorAbi, 'stage', [change, delay])
      await testClient.mine({ blocks: Number(delay) })
      return send(people.dan, contracts.governor!, governorAbi, 'execute', [change])
    },
    [Symbol.asyncDispose]: () => anvil[Symbol.asyncDispose](),
  }
}

/** A proposal of one call. */
export const single = (target: Address, data: Hex, description: string): Proposal => ({
  targets: [target],
  values: [0n],
  calldatas: [data],
  description,
})

/** Call data by name. */
export const callData = (abi: Abi | readonly unknown[], functionName: string, args: readonly unknown[]): Hex =>
  encodeFunctionData({ abi, functionName, args } as never)

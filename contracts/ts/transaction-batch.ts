import {
  type Abi,
  type Account,
  type Address,
  type Chain,
  encodeDeployData,
  encodeFunctionData,
  getAddress,
  getContractAddress,
  type Hash,
  type Hex,
  type PublicClient,
  type Transport,
  type WalletClient,
} from 'viem'

/** Who deploys, and where. */
export type Deployer = {
  readonly publicClient: PublicClient
  /** Its account signs everything. */
  readonly walletClient: WalletClient<Transport, Chain | undefined, Account>
  /** Wei per gas of every transaction; asked of the chain if left out. Chains without a base fee need it, where estimates go wrong. */
  readonly gasPrice?: bigint
}

/** A transaction of the deployment failed or did something else than planned. */
export class DeployError extends Error {
  readonly code = 'contract_deploy_failed'
  readonly step: string
  readonly hash: Hash

  constructor(step: string, hash: Hash, reason: string) {
    super(`deploying the protocol: ${step} ${reason} (transaction ${hash})`)
    this.name = 'DeployError'
    this.step = step
    this.hash = hash
  }
}

type Step = { name: string; to: Address | null; data: Hex; creates?: Address }

/** Collects transactions and sends them together. */
export type Batch = Awaited<ReturnType<typeof openBatch>>

/** Collects transactions under known nonces, which makes the addresses of new contracts known before they exist. */
export async function openBatch({ publicClient, walletClient, gasPrice }: Deployer) {
  const price = gasPrice === undefined ? {} : { gasPrice }
  const { account, chain = null } = walletClient
  let nonce = await publicClient.getTransactionCount({ address: account.address, blockTag: 'pending' })
  let steps: Step[] = []

  return {
    deploy(name: string, contractAbi: Abi, code: Hex, args: readonly unknown[]): Address {
      const creates = getContractAddress({ from: account.address, nonce: BigInt(nonce + steps.length) })
      steps.push({ name, to: null, data: encodeDeployData({ abi: contractAbi, bytecode: code, args }), creates })
      return creates
    },

    call(name: string, to: Address, contractAbi: Abi, functionName: string, args: readonly unknown[]): void {
      steps.push({ name, to, data: encodeFunctionData({ abi: contractAbi, functionName, args }) })
    },

    /** Sends what was collected, waits for it and returns the block of the first transaction. */
    async send(): Promise<bigint> {
      const sent: { step: Step; hash: Hash }[] = []
      for (const step of steps) {
        const hash = await walletClient.sendTransaction({
          account,
          chain,
          to: step.to,
          data: step.data,
          nonce,
          ...price,
        })
        nonce++
        sent.push({ step, hash })
      }
      steps = []

      let first: bigint | undefined
      for (const { step, hash } of sent) {
        const receipt = await publicClient.waitForTransactionReceipt({ hash, pollingInterval: 50 })
        if (receipt.status !== 'success') throw new DeployError(step.name, hash, 'reverted')
        if (step.creates && (!receipt.contractAddress || getAddress(receipt.contractAddress) !== step.creates)) {
          throw new DeployError(step.name, hash, `was not created at ${step.creates}`)
        }
        first ??= receipt.blockNumber
      }
      return first ?? 0n
    },
  }
}

import type { Address } from 'viem'
import { contractId } from './contract-ids.ts'
import type { DisputeParameters } from './dispute-parameters.ts'
import * as abi from './generated/abis.ts'
import * as bytecode from './generated/bytecode.ts'
import { type Batch, type Deployer, openBatch } from './transaction-batch.ts'

export { type DisputeParameters, strictVerification, strictVerificationOnDevnet } from './dispute-parameters.ts'

/** Where the Verifier is; `verifier` is the proxy, which is the one to call. */
export type VerifierAddresses = { readonly verifier: Address; readonly target: Address }

/**
 * Deploys the Verifier behind a proxy, sets its parameters and registers it, which turns slashing on. UNAUDITED.
 * The deployer must own the Controller; throws DeployError if a transaction fails.
 */
export async function deployVerifier(
  options: Deployer & { readonly controller: Address; readonly parameters: DisputeParameters },
): Promise<VerifierAddresses> {
  return addVerifier(await openBatch(options), options)
}

/** The same as part of a larger deployment. */
export async function addVerifier(
  batch: Batch,
  { controller, parameters }: { readonly controller: Address; readonly parameters: DisputeParameters },
): Promise<VerifierAddresses> {
  const target = batch.deploy('VerifierTarget', abi.verifierAbi, bytecode.verifierBytecode, [controller])
  const proxyArgs = [controller, contractId('VerifierTarget')]
  const verifier = batch.deploy('Verifier', abi.managerProxyAbi, bytecode.managerProxyBytecode, proxyArgs)
  await batch.send()

  const register = (name: 'Verifier' | 'VerifierTarget', address: Address) =>
    batch.call(`register ${name}`, controller, abi.controllerAbi, 'setContractInfo', [
      contractId(name),
      address,
      '0x0000000000000000000000000000000000000000',
    ])
  register('VerifierTarget', target)
  await batch.send()
  batch.call('setParameters', verifier, abi.verifierAbi, 'setParameters', [parameters])
  await batch.send()
  // Last, so that nothing can be challenged before the rules are known.
  register('Verifier', verifier)
  await batch.send()
  return { verifier, target }
}

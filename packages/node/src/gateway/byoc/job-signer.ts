import { ComputeError, type JobRequest, type JobSender, jobMessage } from '@millrace/ai'
import { toHex } from '@millrace/base'
import { checksumAddress, orchestratorRequestMessage, type Signer, signNodeMessage, ZERO_ADDRESS } from '@millrace/wire'
import type { SignerIdentity } from '../../links/signer-link.ts'

/** Signs a gateway's jobs, and its own address for those who ask whose tokens they make. */
export type JobSigner = {
  readonly sender: JobSender
  /** Throws `compute_not_served` where nobody here can sign. */
  sign(job: JobRequest): JobRequest
}

/** Jobs with the key of this node. */
export const keyJobSigner = (signer: Signer): JobSigner => {
  const addr = checksumAddress(signer.address)
  return {
    sender: { addr, sig: toHex(signNodeMessage(signer, orchestratorRequestMessage(signer.address))) },
    sign: (job) => ({ ...job, sender: addr, sig: toHex(signNodeMessage(signer, jobMessage(job))) }),
  }
}

/** Jobs without a chain: nobody signs and nobody checks. */
export const unsignedJobs: JobSigner = {
  sender: { addr: ZERO_ADDRESS, sig: '0x' },
  sign: (job) => ({ ...job, sender: ZERO_ADDRESS, sig: '0x' }),
}

/** A signer elsewhere signs payments and segments, and no jobs. */
export const remoteJobSigner = ({ address, signature }: SignerIdentity): JobSigner => ({
  sender: { addr: checksumAddress(address), sig: toHex(signature) },
  sign: () => {
    throw new ComputeError(
      'compute_not_served',
      'a gateway with -remoteSignerUrl cannot sign jobs for capabilities: give it a key of its own, or register the app as a live runner',
    )
  },
})

import type { Log } from '@millrace/base'
import type { WebService } from '../config/node-config.ts'
import { SignerClient } from '../links/http/signer-client.ts'
import type { SignerIdentity, SignerLink } from '../links/signer-link.ts'

/** Who signs for this node, and whose account it is. */
export type RemoteSigner = { readonly link: SignerLink; readonly identity: SignerIdentity }

/** Asks the signer whose key it keeps; a gateway without an answer does not start. Throws a SignerError. */
export async function openRemoteSigner(config: WebService, deps: { readonly log: Log }): Promise<RemoteSigner> {
  const link = new SignerClient(config)
  const identity = await link.identity()
  deps.log.info('a remote signer signs for this gateway', { address: identity.address })
  return { link, identity }
}

import type { Address } from '@millrace/wire'
import { ChainError } from '../errors.ts'
import { DEVNET_CHAIN_ID } from '../networks/networks.ts'

/** The first twelve addresses of the mnemonic "test test test test test test test test test test test junk", whose keys everybody knows. */
const WELL_KNOWN: ReadonlySet<string> = new Set([
  '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266',
  '0x70997970c51812dc3a010c7d01b50e0d17dc79c8',
  '0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc',
  '0x90f79bf6eb2c4f870365e785982e1f101e93b906',
  '0x15d34aaf54267db7d7c367839aaf71a00a2c6a65',
  '0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc',
  '0x976ea74026e726554db657fa54763abd0c3a0aa9',
  '0x14dc79964da2c08b23698b3d3cc7ca32193d9955',
  '0x23618e81e3f5cdf7f54c3d65f7fbc0abf5b21e8f',
  '0xa0ee7a142d267c1f36714e4a8f75612f20a79720',
  '0xbcd4042de499d14e55001ccbb24a551f3b954096',
  '0x71be63f3384f5fb98995898a86b02fb2426c5788',
])

/** Throws `test_key_on_real_network` when a key that everybody knows would be used anywhere but on the embedded network. */
export function refuseTestKey(address: Address, chainId: number): void {
  if (chainId !== DEVNET_CHAIN_ID && WELL_KNOWN.has(address.toLowerCase()))
    throw new ChainError(
      'test_key_on_real_network',
      `the account ${address} is a public test key: anybody can take what it owns on chain ${chainId}; use a key of your own`,
    )
}

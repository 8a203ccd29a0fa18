import { mnemonicToAccount } from 'viem/accounts'
import { expect, it } from 'vitest'
import { refuseTestKey } from './test-keys.ts'

const MNEMONIC = 'test test test test test test test test test test test junk'
const KNOWN = Array.from({ length: 12 }, (_, addressIndex) => mnemonicToAccount(MNEMONIC, { addressIndex }).address)

it.each(KNOWN)('a key that everybody knows is refused on every real network: %s', (address) => {
  for (const chainId of [1, 42161, 421614, 1337])
    for (const text of [address, address.toLowerCase() as `0x${string}`])
      expect(() => refuseTestKey(text, chainId)).toThrow(expect.objectContaining({ code: 'test_key_on_real_network' }))
})

it('the embedded network takes them, and every network takes a key of its own', () => {
  for (const address of KNOWN) expect(() => refuseTestKey(address, 31337)).not.toThrow()
  expect(() => refuseTestKey('0x00000000000000000000000000000000000000aa', 1)).not.toThrow()
})

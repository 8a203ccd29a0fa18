import { readFileSync } from 'node:fs'
import { privateKeyToAccount } from 'viem/accounts'

/** The account of a private key in a file; `fail` is told when there is none. */
export function accountOfFile(path, fail) {
  if (!path) return fail('name a file that holds the private key of the deployer with --key-file')
  try {
    const key = readFileSync(path, 'utf8').trim()
    return privateKeyToAccount(key.startsWith('0x') ? key : `0x${key}`)
  } catch {
    // The cause may quote the key.
    return fail(`${path} does not hold a private key of 64 hexadecimal digits`)
  }
}

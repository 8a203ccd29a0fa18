import { existsSync, readdirSync } from 'node:fs'
import { errorText } from '@millrace/base'
import { refuseTestKey } from '@millrace/chain'
import { failed, type Outcome, ok, warning } from '../finding.ts'
import type { Subject } from '../subject.ts'

/** Whether the key opens, and is none that everybody knows. Shows the address, never the key. */
export async function keystore(subject: Subject): Promise<Outcome> {
  const { keystore: at, keystorePassword, network } = subject.config
  if (keystorePassword === undefined)
    return failed('no password is given for the key', 'name the password, or a file that holds it, with -ethPassword')
  if (at?.create && isEmpty(at.path))
    return warning(
      `there is no key in ${at.path}: the first start makes a new account`,
      'if you have a key, put its file there or name it with -ethKeystorePath; a new account needs ETH before it can do anything',
    )
  let address: Awaited<ReturnType<Subject['openKey']>>['address']
  try {
    ;({ address } = await subject.openKey())
  } catch (error) {
    return failed(
      errorText(error),
      'the file, its owner and its password must belong together; go-livepeer and geth keys open as they are',
    )
  }
  const named = network.kind === 'chain' ? network.chainId : undefined
  const chainId = named ?? (await subject.connect().catch(() => undefined))?.chainId
  try {
    if (chainId !== undefined) refuseTestKey(address, chainId)
  } catch (error) {
    return failed(errorText(error), 'make an account of your own and move what this one owns', { facts: { address } })
  }
  return ok(`the key of ${address} opens`, { facts: { address } })
}

function isEmpty(path: string): boolean {
  if (!existsSync(path)) return true
  try {
    return readdirSync(path).every((name) => name.startsWith('.'))
  } catch {
    return false
  }
}

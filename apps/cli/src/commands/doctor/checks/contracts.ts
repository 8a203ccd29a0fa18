import { type Outcome, ok } from '../finding.ts'
import type { Subject } from '../subject.ts'

/** Whether the Controller names all contracts of the protocol. */
export async function contracts(subject: Subject): Promise<Outcome> {
  const { chainId, addresses } = await subject.connect()
  const count = Object.keys(addresses).length - 1
  return ok(`the Controller ${addresses.controller} on chain ${chainId} names ${count} contracts`, {
    facts: { chainId, addresses },
  })
}

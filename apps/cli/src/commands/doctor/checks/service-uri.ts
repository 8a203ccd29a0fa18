import { getServiceUri } from '@millrace/chain'
import { failed, type Outcome, ok, warning } from '../finding.ts'
import type { Subject } from '../subject.ts'

/** Whether the chain tells gateways the address that -serviceAddr names. */
export async function serviceUri(subject: Subject): Promise<Outcome> {
  const wanted = subject.config.orchestrator!.serviceUri
  const [client, address, key] = await Promise.all([subject.client(), subject.orchestrator(), subject.key()])
  const registered = await getServiceUri(client, address)
  const facts = { registered, wanted }
  if (registered === wanted) return ok(`the chain names ${wanted}`, { facts })
  const found =
    registered === ''
      ? 'the chain names none yet'
      : `the chain names ${registered.slice(0, 200)}, -serviceAddr is ${wanted}`
  if (address !== key.address)
    return failed(found, `only the bonded account ${address} can change it (\`millrace activate\`, or setServiceURI)`, {
      facts,
    })
  return warning(found, 'the node changes it when it starts, with one transaction', { facts })
}

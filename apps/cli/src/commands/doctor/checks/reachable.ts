import { randomBytes } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { connect } from 'node:tls'
import { errorText } from '@millrace/base'
import { isPrivateHost } from '@millrace/base/node'
import { OrchestratorRpc } from '@millrace/node'
import { type Address, verifyNodeMessage } from '@millrace/wire'
import { signatureVerifier } from '@millrace/wire/node'
import { failed, type Outcome, ok, warning } from '../finding.ts'

const TIMEOUT_MS = 4_000
const FROM_HERE = 'from here, which says nothing of the internet'

/** An orchestrator's service address, and what is known of who should answer there. */
export type ServiceAddress = {
  readonly uri: string
  /** Whose signature a Ping must have; undefined without a chain. */
  readonly address?: Address | undefined
  /** True where gateways are anywhere on the internet. */
  readonly isPublic: boolean
  readonly running: () => Promise<boolean>
}

/** Whether an orchestrator can be reached: its name is known, TLS with HTTP/2 is spoken there, and Ping is answered with its signature. */
export async function reachable(
  { uri, address, isPublic, running }: ServiceAddress,
  signal: AbortSignal,
): Promise<Outcome> {
  const { hostname, port } = new URL(uri)
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isPublic && isPrivateHost(uri))
    return failed(
      `${uri} is a private address: no gateway on the internet reaches it`,
      'name your public address or host name with -serviceAddr',
    )
  try {
    if (!isIP(host)) await lookup(host)
  } catch (cause) {
    return failed(
      `the name ${host} is not known: ${errorText(cause)}`,
      'give the name an address in the DNS, or name an address with -serviceAddr',
    )
  }
  let protocol: string | undefined
  try {
    protocol = await alpnOf(host, Number(port || 443), signal)
  } catch (error) {
    if (await running())
      return failed(
        `the node runs, but ${uri} does not answer ${FROM_HERE}: ${errorText(error)}`,
        'open the port in the firewall and forward it in the router; behind NAT a node may not reach its own public address although others do: try from elsewhere',
      )
    return warning(`nothing answers at ${uri}; the node does not run`, 'start the node and run this again')
  }
  if (protocol !== 'h2')
    return failed(
      `${uri} speaks TLS, but no HTTP/2 (ALPN h2)`,
      'gateways need HTTP/2: let a proxy in front of the node pass TLS through, or speak h2 itself',
    )
  const rpc = new OrchestratorRpc(uri)
  try {
    const value = new Uint8Array(randomBytes(32))
    const began = performance.now()
    const signature = await rpc.ping(value, { timeoutMs: TIMEOUT_MS, signal })
    const pingMs = Math.round(performance.now() - began)
    const facts = { uri, pingMs }
    if (address !== undefined && !verifyNodeMessage(signatureVerifier, address, value, signature))
      return failed(
        `another node than ${address} answers at ${uri}`,
        'check -serviceAddr and where the port is forwarded to',
        { facts },
      )
    return ok(`${uri} answers Ping over TLS with h2 in ${pingMs} ms (${FROM_HERE})`, { facts })
  } catch (error) {
    return failed(
      `${uri} speaks TLS, but does not answer Ping: ${errorText(error)}`,
      'something else than an orchestrator answers there: check -serviceAddr',
    )
  } finally {
    rpc.close()
  }
}

/** What a TLS server agrees to speak when it is offered h2. Certificates of the network are self-signed and not checked. */
function alpnOf(host: string, port: number, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      ALPNProtocols: ['h2', 'http/1.1'],
      rejectUnauthorized: false,
      ...(isIP(host) ? {} : { servername: host }),
      timeout: TIMEOUT_MS,
    })
    const over = (error?: unknown) => {
      signal.removeEventListener('abort', onAbort)
      socket.destroy()
      if (error === undefined) resolve(socket.alpnProtocol || undefined)
      else reject(error)
    }
    const onAbort = () => over(signal.reason)
    socket.once('secureConnect', () => over())
    socket.once('timeout', () => over(new Error(`no answer within ${TIMEOUT_MS} ms`)))
    // Also after the end: a peer may still reset the connection.
    socket.on('error', (error) => over(error))
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

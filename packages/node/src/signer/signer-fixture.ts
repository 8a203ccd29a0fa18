import { type Clock, silentLog, systemClock } from '@millrace/base'
import { devnetPaymentParameters, type SenderReserves, TicketSender } from '@millrace/payments'
import { signatureVerifier } from '@millrace/wire/node'
import { SignerClient } from '../links/http/signer-client.ts'
import { SignerServer } from '../links/http/signer-server.ts'
import type { TestOrchestrator } from '../orchestrator/orchestrator-fixture.ts'
import { Signer, type SignerDeps } from './signer.ts'

/** What the account of the signer has on the chain of tests; change it to change the chain. */
export type TestFunds = {
  deposit: bigint
  withdrawRound: bigint
  reserve: { fundsRemaining: bigint; claimedInCurrentRound: bigint }
}

/** A signer with the gateway's key of a test orchestrator, on the same chain that stands still. */
export function openSigner(o: TestOrchestrator, more: Partial<SignerDeps> = {}) {
  const funds: TestFunds = {
    deposit: 10n ** 18n,
    withdrawRound: 0n,
    reserve: { fundsRemaining: 10n ** 18n, claimedInCurrentRound: 0n },
  }
  const reserves: SenderReserves = { senderInfo: async () => funds, claimedReserve: async () => 0n }
  const clock: Pick<Clock, 'now' | 'elapsed'> = systemClock
  const tickets = new TicketSender(
    { parameters: devnetPaymentParameters },
    { signer: o.gatewaySigner, clock: o.clock, reserves },
  )
  const signer = new Signer({
    account: o.gatewaySigner,
    verifier: signatureVerifier,
    tickets,
    domain: o.domain,
    maxPrice: () => undefined,
    auth: undefined,
    spending: undefined,
    discover: undefined,
    clock,
    log: silentLog,
    ...more,
  })
  return { signer, tickets, funds }
}

/** The same behind its HTTP port, with a client as a gateway has it. */
export async function openSignerServer(signer: Signer, headers: Readonly<Record<string, string>> = {}) {
  const server = new SignerServer({ host: '127.0.0.1', port: 0 }, { signer, log: silentLog })
  await server.start()
  const url = `http://127.0.0.1:${server.port}`
  return { url, client: new SignerClient({ url, headers }), close: () => server.stop() }
}

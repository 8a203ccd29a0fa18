import { getOrchestrator, roundState } from '@millrace/chain'
import { formatLpt } from '@millrace/wire'
import { failed, type Outcome, ok, warning } from '../finding.ts'
import type { Subject } from '../subject.ts'

/** Whether the orchestrator is bonded and in the active set. */
export async function registration(subject: Subject): Promise<Outcome> {
  const [client, address] = await Promise.all([subject.client(), subject.orchestrator()])
  const [found, { currentRound }] = await Promise.all([getOrchestrator(client, address), roundState(client)])
  const { stake, active, activationRound, deactivationRound } = found
  const facts = {
    address,
    active,
    stakeLpt: stake.toString(),
    activationRound: activationRound.toString(),
    currentRound: currentRound.toString(),
  }
  if (active) return ok(`${address} is active in round ${currentRound} with ${formatLpt(stake)}`, { facts })
  if (stake === 0n)
    return failed(
      `${address} is no orchestrator: nothing is bonded to it`,
      'start the node, then `millrace activate` bonds LPT and publishes its terms; with a bonded account elsewhere, name that with -ethOrchAddr',
      { facts },
    )
  if (activationRound > currentRound && deactivationRound > currentRound)
    return warning(
      `${address} with ${formatLpt(stake)} becomes active in round ${activationRound}, now is round ${currentRound}`,
      'wait: gateways find it from then on',
      { facts },
    )
  return failed(
    `${address} has ${formatLpt(stake)}, too little for the active set of round ${currentRound}`,
    'bond more with `millrace bond`: the set holds the orchestrators with the most stake',
    { facts },
  )
}

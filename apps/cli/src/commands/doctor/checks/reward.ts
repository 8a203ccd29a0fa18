import { bondingManager, getOrchestrator, roundState } from '@millrace/chain'
import { failed, type Outcome, ok, warning } from '../finding.ts'
import type { Subject } from '../subject.ts'

/** Whether the reward of this round was called. */
export async function reward(subject: Subject): Promise<Outcome> {
  const [client, address] = await Promise.all([subject.client(), subject.orchestrator()])
  const [{ active, lastRewardRound }, round] = await Promise.all([getOrchestrator(client, address), roundState(client)])
  const facts = { lastRewardRound: lastRewardRound.toString(), currentRound: round.currentRound.toString() }
  if (!active) return ok('not active: there is no reward to call', { facts })
  if (lastRewardRound >= round.currentRound) return ok(`called in round ${round.currentRound}`, { facts })
  const found = `not called yet in round ${round.currentRound}, the last time was round ${lastRewardRound}`
  if (!round.initialized)
    return warning(
      `${found}; the round is not initialised`,
      'somebody must begin the round first: `millrace round --initialize`',
      { facts },
    )
  if (!subject.config.orchestrator!.callReward)
    return warning(found, '-reward is off: call it yourself with `millrace reward` in every round', { facts })
  return warning(found, 'the node calls it while it runs; see its log if it does, or call it with `millrace reward`', {
    facts,
  })
}

/** Whether the key may call the reward of the bonded account of -ethOrchAddr (LIP-118). */
export async function rewardCaller(subject: Subject): Promise<Outcome> {
  const [client, orchestrator, key] = await Promise.all([subject.client(), subject.orchestrator(), subject.key()])
  const caller = await bondingManager.transcoderToRewardCaller(client, orchestrator)
  const facts = { orchestrator, caller, account: key.address }
  if (caller === key.address) return ok(`${key.address} is the reward caller of ${orchestrator}`, { facts })
  const found = `${key.address} is not the reward caller of ${orchestrator}`
  const advice = `let the bonded account call setRewardCaller with ${key.address}, once`
  return subject.config.orchestrator!.callReward ? failed(found, advice, { facts }) : warning(found, advice, { facts })
}

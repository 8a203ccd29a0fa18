import { type Fold, gwei } from './fold.ts'
import type { MetricFactory } from './metric-factory.ts'

/** What go-livepeer has no metric for. */
export function ownMetrics(make: MetricFactory): Fold {
  const lost = make.sum('millrace_segments_lost_total', {
    help: 'Segments at which no orchestrator delivered: a stand-in filled the playlist (fallback) or nothing did (missing)',
    labels: ['outcome', 'reason'],
  })
  const paid = make.sum('millrace_segments_paid_total', { help: 'Segments whose session was never in debt' })
  const fees = make.sum('millrace_fees_gwei_total', {
    help: 'Fees for pixels, bought or sold, in gwei',
    labels: ['side'],
  })
  const suspended = make.sum('millrace_orchestrators_suspended_total', { help: 'Orchestrators left alone for a while' })
  const compared = make.sum('millrace_results_compared_total', {
    help: 'Results of orchestrators whose pictures were compared with the source',
    labels: ['verdict'],
  })
  const redeemed = make.sum('millrace_tickets_redeemed_total', { help: 'Winning tickets redeemed' })
  const workFailed = make.sum('millrace_work_failed_total', { help: 'Segments that a worker could not transcode' })
  const rounds = make.sum('millrace_rounds_initialized_total', { help: 'Rounds initialised by this node' })
  const rewards = make.sum('millrace_reward_calls_total', { help: 'Reward calls' })
  const rewarded = make.sum('millrace_rewards_lpt_total', { help: 'LPT minted by these calls' })
  const warnings = make.sum('millrace_warnings_total', { help: 'Warnings', labels: ['code'] })
  const block = make.level('millrace_last_block', { help: 'The last block at which the account was looked at' })
  return (event) => {
    switch (event.type) {
      case 'segment_lost':
        return lost.add(1, { outcome: event.outcome, reason: event.reason })
      case 'segment_transcoded':
        if (event.paid) paid.add(1)
        return fees.add(gwei(event.feeWei), { side: 'bought' })
      case 'segment_debited':
        return fees.add(gwei(event.feeWei), { side: 'sold' })
      case 'orchestrator_suspended':
        return suspended.add(1)
      case 'result_compared':
        return compared.add(1, { verdict: event.fault === undefined ? 'same' : 'wrong' })
      case 'ticket_redeemed':
        return redeemed.add(1)
      case 'work_failed':
        return workFailed.add(1)
      case 'round_initialized':
        return rounds.add(1)
      case 'reward_called':
        rewards.add(1)
        return rewarded.add(Number(BigInt(event.amountLpt)) / 1e18)
      case 'warning':
        return warnings.add(1, { code: event.code })
      case 'account_state':
        return block.set(Number(event.block))
    }
  }
}

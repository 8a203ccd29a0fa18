import { type Fold, gwei } from './fold.ts'
import type { MetricFactory } from './metric-factory.ts'

/** Viewers who are served by orchestrators: what a gateway buys and what an orchestrator sells. */
export function distributionMetrics(make: MetricFactory): Fold {
  const bytes = make.sum('millrace_distribution_bytes_total', {
    help: 'Bytes that orchestrators gave viewers, bought or sold',
    labels: ['side'],
  })
  const fees = make.sum('millrace_distribution_fees_gwei_total', {
    help: 'Fees for these bytes, in gwei',
    labels: ['side'],
  })
  const tickets = make.sum('millrace_distribution_tickets_total', {
    help: 'Tickets for them, sent (bought) or received (sold)',
    labels: ['side'],
  })
  const pulled = make.sum('millrace_distribution_pulled_bytes_total', {
    help: 'Bytes that an orchestrator fetched from gateways for viewers',
  })
  const chosen = make.sum('millrace_edges_chosen_total', {
    help: 'Orchestrators that began to serve viewers of a stream',
  })
  const left = make.sum('millrace_edges_left_total', {
    help: 'Orchestrators that serve the viewers of a stream no more',
    labels: ['code'],
  })
  return (event) => {
    switch (event.type) {
      case 'distribution_used':
        bytes.add(event.bytes, { side: 'bought' })
        return fees.add(gwei(event.feeWei), { side: 'bought' })
      case 'distribution_debited':
        bytes.add(event.bytes, { side: 'sold' })
        pulled.add(event.pulledBytes)
        return fees.add(gwei(event.feeWei), { side: 'sold' })
      case 'distribution_paid':
        return tickets.add(event.tickets, { side: 'bought' })
      case 'distribution_credited':
        return tickets.add(event.tickets, { side: 'sold' })
      case 'edge_chosen':
        return chosen.add(1)
      case 'edge_left':
        return left.add(1, { code: event.code })
    }
  }
}

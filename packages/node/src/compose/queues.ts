import { type Part, systemClock } from '@millrace/base'
import type { QueuesConfig } from '../config/node-config.ts'
import { type AmqpMessage, connectAmqp } from '../queues/amqp-broker.ts'
import { EventOutbox } from '../queues/event-outbox.ts'
import { routingKeyOf, TranscodeReports } from '../queues/transcode-reports.ts'
import { ownNodeIds } from './monitoring.ts'
import type { Shared } from './shared.ts'

/** What a gateway tells message brokers, in the form of go-livepeer's consumers. It stops after the roles, so that it tells the last of what they do. */
export function composeQueues(config: QueuesConfig, shared: Shared, parts: Part[]): void {
  const { hub, log } = shared
  const own = new Set(ownNodeIds(shared.config))
  const { amqp } = config
  if (!amqp) return
  const outbox = new EventOutbox<AmqpMessage>(
    { name: 'amqp', everyMs: 50, maxBatch: 100, timeoutMs: amqp.publishTimeoutMs },
    { connect: () => connectAmqp(amqp), clock: systemClock, log },
  )
  const reports = new TranscodeReports()
  parts.unshift(outbox)
  listening(parts, () =>
    hub.listen((event) => {
      const report = own.has(event.nodeId) ? reports.take(event) : undefined
      if (report) outbox.tell({ routingKey: routingKeyOf(report), body: report })
    }),
  )
}

/** Listens from the start of the node until all its roles have stopped. */
function listening(parts: Part[], listen: () => () => void): void {
  let stop = () => {}
  parts.unshift({
    name: 'queue-listener',
    start: async () => {
      stop = listen()
    },
    stop: async () => stop(),
  })
}

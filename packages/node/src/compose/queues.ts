import { type Part, systemClock } from '@millrace/base'
import { type NodeEvent, ZERO_ADDRESS } from '@millrace/wire'
import type { QueuesConfig } from '../config/node-config.ts'
import { type AmqpMessage, connectAmqp } from '../queues/amqp-broker.ts'
import { EventOutbox } from '../queues/event-outbox.ts'
import { type GatewayEvent, gatewayEventOf } from '../queues/gateway-events.ts'
import { connectKafka, loadClient } from '../queues/kafka-broker.ts'
import { routingKeyOf, TranscodeReports } from '../queues/transcode-reports.ts'
import { ownNodeIds } from './monitoring.ts'
import type { Shared } from './shared.ts'

/** As go-livepeer sends to Kafka. */
const KAFKA = { everyMs: 1_000, maxBatch: 100, timeoutMs: 60_000 }

/** What a gateway tells message brokers, in the form of go-livepeer's consumers. It stops after the roles, so that it tells the last of what they do. */
export function composeQueues({ amqp, kafka }: QueuesConfig, shared: Shared, parts: Part[]): void {
  const { config, hub, log, tell } = shared
  const deps = { clock: systemClock, log }
  const own = new Set(ownNodeIds(config))
  const listeners: ((event: NodeEvent) => void)[] = []
  if (amqp) {
    const outbox = new EventOutbox<AmqpMessage>(
      { name: 'amqp', everyMs: 50, maxBatch: 100, timeoutMs: amqp.publishTimeoutMs },
      {
        ...deps,
        connect: () => connectAmqp(amqp),
        dropped: ({ routingKey }) => tell({ type: 'message_dropped', broker: 'amqp', message: routingKey }),
      },
    )
    const reports = new TranscodeReports()
    listeners.push((event) => {
      const report = reports.take(event)
      if (report) outbox.tell({ routingKey: routingKeyOf(report), body: report })
    })
    parts.unshift(outbox)
  }
  if (kafka) {
    const outbox = new EventOutbox<GatewayEvent>(
      { name: 'kafka', ...KAFKA },
      {
        ...deps,
        connect: () => connectKafka(kafka),
        dropped: ({ type }) => tell({ type: 'message_dropped', broker: 'kafka', message: type }),
      },
    )
    const gateway = shared.chain?.address ?? shared.remoteSigner?.identity.address ?? ZERO_ADDRESS
    listeners.push((event) => {
      const told = gatewayEventOf(event, gateway)
      if (told) outbox.tell(told)
    })
    // A client that is not installed is said at the start, not when the first event waits.
    parts.unshift({ name: 'kafka-client', start: async () => void (await loadClient()) }, outbox)
  }
  const hear = (event: NodeEvent) => {
    if (own.has(event.nodeId)) for (const listener of listeners) listener(event)
  }
  parts.unshift(listenerPart(() => hub.listen(hear)))
}

/** Listens from the start of the node until all its roles have stopped. */
function listenerPart(listen: () => () => void): Part {
  let stop = () => {}
  return {
    name: 'queue-listener',
    start: async () => {
      stop = listen()
    },
    stop: async () => stop(),
  }
}

import { MillraceError } from '@millrace/base'
import type { Broker } from './event-outbox.ts'
import type { GatewayEvent } from './gateway-events.ts'

export type KafkaOptions = {
  /** host:port, several joined by commas. */
  readonly bootstrapServers: string
  readonly topic: string
  /** With user and password the connection is by TLS and SASL/PLAIN, as go-livepeer's is. */
  readonly user?: string
  readonly password?: string
}

/**
 * Connects to Kafka and sends events to a topic, keyed by their ids.
 * The client is no part of the installation, because few need it: throws `kafka_not_installed` with what to do.
 */
export async function connectKafka(options: KafkaOptions): Promise<Broker<GatewayEvent>> {
  const { Producer, stringSerializers } = await loadClient()
  const { bootstrapServers, topic, user, password } = options
  const producer = new Producer({
    clientId: 'millrace',
    bootstrapBrokers: bootstrapServers.split(',').map((server) => server.trim()),
    serializers: stringSerializers,
    retries: 0,
    ...(user !== undefined &&
      password !== undefined && { tls: {}, sasl: { mechanism: 'PLAIN', username: user, password } }),
  })
  return {
    send: async (events) => {
      await producer.send({
        messages: events.map((event) => ({ topic, key: event.id, value: JSON.stringify(event) })),
      })
    },
    close: async () => {
      await producer.close(true)
    },
  }
}

/** What is used of the client. */
export type KafkaClient = {
  readonly Producer: new (
    options: unknown,
  ) => {
    send(batch: {
      readonly messages: readonly { readonly topic: string; readonly key: string; readonly value: string }[]
    }): Promise<unknown>
    close(force: boolean): Promise<void>
  }
  readonly stringSerializers: unknown
}

const CLIENT: string = '@platformatic/kafka'

/** Throws `kafka_not_installed`. */
export async function loadClient(): Promise<KafkaClient> {
  try {
    return (await import(CLIENT)) as KafkaClient
  } catch (cause) {
    throw new MillraceError(
      'kafka_not_installed',
      '-kafkaBootstrapServers needs the Kafka client: run `npm install @platformatic/kafka@1.35.0`',
      { cause },
    )
  }
}

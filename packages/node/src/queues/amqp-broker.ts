import type { Broker } from './event-outbox.ts'

export type AmqpMessage = { readonly routingKey: string; readonly body: unknown }

/**
 * Connects to an AMQP 0-9-1 broker, RabbitMQ for example, and publishes to a durable topic exchange, as go-livepeer does.
 * What is sent counts as taken once the broker has confirmed it.
 */
export async function connectAmqp(options: {
  readonly uri: string
  readonly exchange: string
}): Promise<Broker<AmqpMessage>> {
  const { connect } = await import('amqplib')
  const connection = await connect(options.uri, { timeout: 10_000 })
  // Without a listener an error of the connection would end the process; the next message finds it closed.
  connection.on('error', () => {})
  const channel = await connection.createConfirmChannel()
  channel.on('error', () => {})
  await channel.assertExchange(options.exchange, 'topic', { durable: true })
  return {
    send: async (messages) => {
      for (const { routingKey, body } of messages)
        channel.publish(options.exchange, routingKey, Buffer.from(JSON.stringify(body)), {
          contentType: 'application/json',
          persistent: false,
          priority: 1,
        })
      await channel.waitForConfirms()
    },
    close: () => connection.close(),
  }
}

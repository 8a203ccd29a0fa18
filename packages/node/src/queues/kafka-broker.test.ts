import { randomUUID } from 'node:crypto'
import { silentLog, systemClock } from '@millrace/base'
import { describe, expect, it } from 'vitest'
import { EventOutbox } from './event-outbox.ts'
import type { GatewayEvent } from './gateway-events.ts'
import { connectKafka, loadClient } from './kafka-broker.ts'

const client = await loadClient().catch((error: unknown) => error as Error)
const isInstalled = !(client instanceof Error)
const [brokers, topic] = (process.env.MILLRACE_KAFKA ?? '').split('/')
if (!topic || !isInstalled)
  console.log(
    'NOT RUN: events to a real Kafka. To run it: npm install --no-save @platformatic/kafka@1.35.0, then MILLRACE_KAFKA=host:port/topic with a topic that is there',
  )

it.skipIf(isInstalled)('without the client it says what to install', () => {
  expect(client).toMatchObject({ code: 'kafka_not_installed', message: expect.stringContaining('npm install') })
})

type ConsumerClient = {
  readonly Consumer: new (
    options: unknown,
  ) => {
    consume(options: unknown): Promise<AsyncIterable<{ readonly key: unknown; readonly value: unknown }>>
    close(force: boolean): Promise<void>
  }
  readonly stringDeserializers: unknown
}

const event = (n: number): GatewayEvent => ({
  id: randomUUID(),
  type: 'discovery_results',
  timestamp: '1700000000000',
  gateway: '0x00000000000000000000000000000000000000aa',
  data: [{ n }],
})

it.skipIf(!isInstalled)('a Kafka that is not there fails without the password in the error', async () => {
  const broker = await connectKafka({ bootstrapServers: '127.0.0.1:1', topic: 't', user: 'me', password: 'geheim' })
  const error = await broker.send([event(0)]).catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(Error)
  expect(String(error)).not.toContain('geheim')
  await broker.close()
})

describe.skipIf(!topic || !isInstalled)('events to Kafka', () => {
  it('arrive in order and keyed by their ids', { timeout: 30_000 }, async () => {
    const sent = [0, 1, 2, 3, 4].map(event)
    const outbox = new EventOutbox<GatewayEvent>(
      { name: 'kafka', everyMs: 50, maxBatch: 3, timeoutMs: 10_000 },
      {
        connect: () => connectKafka({ bootstrapServers: brokers!, topic: topic! }),
        clock: systemClock,
        log: silentLog,
      },
    )
    await outbox.start()
    for (const one of sent) outbox.tell(one)
    const { Consumer, stringDeserializers } = client as unknown as ConsumerClient
    const consumer = new Consumer({
      groupId: `test-${randomUUID()}`,
      clientId: 'test',
      bootstrapBrokers: [brokers!],
      deserializers: stringDeserializers,
    })
    const stream = await consumer.consume({ topics: [topic!], mode: 'earliest', autocommit: false })
    const got: { key: unknown; value: unknown }[] = []
    for await (const { key, value } of stream) {
      // The topic may hold what others sent.
      if (sent.some(({ id }) => id === key)) got.push({ key, value: JSON.parse(String(value)) })
      if (got.length === sent.length) break
    }
    expect(got).toEqual(sent.map((one) => ({ key: one.id, value: one })))
    await consumer.close(true)
    await outbox.stop()
  })
})

import type { NodeConfig } from '@millrace/node'
import { badFlag, type Flags } from '../flags/flags.ts'
import { missing } from '../flags/read-flags.ts'
import { secretText } from './secret-text.ts'

type Queues = NonNullable<NodeConfig['queues']>

/** The message brokers of a gateway; their addresses may hold passwords and are not repeated in errors. */
export function queuesConfig(flags: Flags): Pick<NodeConfig, 'queues'> {
  const made = { ...amqp(flags), ...kafka(flags) }
  return Object.keys(made).length > 0 ? { queues: made } : {}
}

function amqp(flags: Flags): Pick<Queues, 'amqp'> {
  const uri = flags.optional('metadataQueueUri')
  if (uri === undefined) return {}
  if (!/^amqps?:\/\/[^/]/i.test(uri) || !URL.canParse(uri))
    throw badFlag('metadataQueueUri', 'an address that begins with amqp:// or amqps://', '(not shown)')
  const exchange = flags.text('metadataAmqpExchange')
  const publishTimeoutMs = Math.max(1, flags.durationMs('metadataPublishTimeout'))
  return { amqp: { uri, exchange, publishTimeoutMs } }
}

function kafka(flags: Flags): Pick<Queues, 'kafka'> {
  const bootstrapServers = flags.list('kafkaBootstrapServers').join(',')
  if (bootstrapServers === '') return {}
  const topic = flags.optional('kafkaGatewayTopic')
  if (topic === undefined) throw missing('kafkaGatewayTopic', 'events for Kafka need a topic')
  const user = flags.optional('kafkaUser')
  const password = flags.optional('kafkaPassword')
  if ((user === undefined) !== (password === undefined))
    throw missing(user === undefined ? 'kafkaUser' : 'kafkaPassword', 'a user and a password belong together')
  return {
    kafka: {
      bootstrapServers,
      topic,
      ...(user !== undefined && { user }),
      ...(password !== undefined && { password: secretText(password, 'kafkaPassword') }),
    },
  }
}

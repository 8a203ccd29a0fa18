import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { silentLog, systemClock } from '@millrace/base'
import { freePort } from '@millrace/base/node'
import { makeTestClip } from '@millrace/media/testing'
import { DEFAULT_LADDER, nodeId } from '@millrace/wire'
import { connect } from 'amqplib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startNode } from '../compose.ts'
import { EventHub } from '../events/event-hub.ts'
import { type AmqpMessage, connectAmqp } from './amqp-broker.ts'
import { EventOutbox } from './event-outbox.ts'

/** The one on PATH changes to a user of its own, whom the folder of a test does not belong to. */
const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server'
const hasServer = existsSync(SERVER)
if (!hasServer) console.log('NOT RUN: messages to a real AMQP broker. To get it: apt-get install rabbitmq-server')

describe.skipIf(!hasServer)('messages to RabbitMQ', { timeout: 90_000 }, () => {
  let folder: string
  let server: ChildProcess
  let uri: string
  let epmdPort: number
  const exchange = 'lp_golivepeer_metadata'

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-amqp-'))
    const [port, distPort] = [await freePort(), await freePort()]
    epmdPort = await freePort()
    uri = `amqp://127.0.0.1:${port}`
    server = spawn(SERVER, [], {
      stdio: 'ignore',
      detached: true,
      env: {
        ...process.env,
        HOME: folder,
        RABBITMQ_NODENAME: `millrace-${port}@localhost`,
        RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
        RABBITMQ_NODE_PORT: String(port),
        RABBITMQ_DIST_PORT: String(distPort),
        RABBITMQ_MNESIA_BASE: folder,
        RABBITMQ_LOG_BASE: folder,
        RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
        ERL_EPMD_ADDRESS: '127.0.0.1',
        ERL_EPMD_PORT: String(epmdPort),
      },
    })
    for (let i = 0; ; i++) {
      const connection = await connect(uri).catch(() => undefined)
      if (connection) return connection.close()
      if (i > 120) throw new Error('RabbitMQ did not start within a minute')
      await sleep(500)
    }
  }, 70_000)

  afterAll(async () => {
    // The script starts the server as its child: the whole group ends.
    if (server?.pid && server.exitCode === null) process.kill(-server.pid, 'SIGKILL')
    // Erlang's name service stays behind otherwise, and does not end before it knows that the server is gone.
    for (let i = 0; i < 50; i++) {
      if (spawnSync('epmd', ['-port', String(epmdPort), '-kill']).status === 0) break
      await sleep(100)
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  it('arrive at a durable topic exchange under their keys, also those told while it could not be reached', async () => {
    const connection = await connect(uri)
    const channel = await connection.createChannel()
    await channel.assertExchange(exchange, 'topic', { durable: true })
    const { queue } = await channel.assertQueue('', { exclusive: true })
    await channel.bindQueue(queue, exchange, 'broadcaster.stream_health.transcode.#')
    const got: { key: string; body: unknown; type: unknown }[] = []
    await channel.consume(
      queue,
      (message) => {
        if (!message) return
        const { fields, properties, content } = message
        got.push({ key: fields.routingKey, body: JSON.parse(content.toString()), type: properties.contentType })
      },
      { noAck: true },
    )
    let reachable = false
    const outbox = new EventOutbox<AmqpMessage>(
      { name: 'amqp', everyMs: 20, maxBatch: 100, timeoutMs: 5_000 },
      {
        connect: () => connectAmqp({ uri: reachable ? uri : 'amqp://127.0.0.1:1', exchange }),
        clock: systemClock,
        log: silentLog,
      },
    )
    await outbox.start()
    const routingKey = 'broadcaster.stream_health.transcode.c.clip'
    outbox.tell({ routingKey, body: { seqNo: 0 } })
    await sleep(300)
    reachable = true
    for (let seqNo = 1; seqNo < 5; seqNo++) outbox.tell({ routingKey, body: { seqNo } })
    outbox.tell({ routingKey: 'something.else', body: {} })
    await expect.poll(() => got.length, { timeout: 10_000 }).toBe(5)
    expect(got).toEqual(
      Array.from({ length: 5 }, (_, seqNo) => ({ key: routingKey, body: { seqNo }, type: 'application/json' })),
    )
    await outbox.stop()
    await connection.close()
  })

  it('tell what became of the segments of a gateway', async () => {
    const connection = await connect(uri)
    const channel = await connection.createChannel()
    await channel.assertExchange(exchange, 'topic', { durable: true })
    const { queue } = await channel.assertQueue('', { exclusive: true })
    await channel.bindQueue(queue, exchange, 'broadcaster.stream_health.transcode.a.*')
    const got: unknown[] = []
    await channel.consume(queue, (message) => void got.push(JSON.parse(message!.content.toString())), { noAck: true })
    const http = { host: '127.0.0.1', port: await freePort() }
    const node = await startNode(
      {
        nodeId: nodeId('gateway'),
        folder: join(folder, 'gateway'),
        network: { kind: 'offchain' },
        operator: { host: '127.0.0.1', port: 0 },
        queues: { amqp: { uri, exchange, publishTimeoutMs: 1_000 } },
        gateway: { rtmp: undefined, http, ladder: DEFAULT_LADDER, orchestrators: ['https://127.0.0.1:1'] },
      },
      { hub: new EventHub(), log: silentLog },
    )
    const { data } = (await makeTestClip({ seconds: 1, width: 160, height: 90, fps: 10, audio: false })).segments[0]!
    const url = `http://127.0.0.1:${http.port}/live/alone/0.ts`
    expect((await fetch(url, { method: 'POST', body: data as Uint8Array<ArrayBuffer> })).status).toBe(503)
    await expect.poll(() => got.length, { timeout: 10_000 }).toBe(1)
    expect(got).toMatchObject([
      { type: 'transcode', streamId: 'alone', nodeId: 'gateway', success: false, segment: { byteSize: data.length } },
    ])
    await node.stop()
    await connection.close()
  })
})

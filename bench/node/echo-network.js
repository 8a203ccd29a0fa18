// A paying gateway, a selling orchestrator and the worker that echoes, each in a process of its own, and what pushes segments to them.
import { join } from 'node:path'
import { parseMultipart } from '@millrace/base/node'
import { DEVNET_PRICE_PER_PIXEL } from '@millrace/payments'
import { LADDER, prepareSegments } from './prepared.js'
import { at, openProcesses, until } from './processes.js'

const SECRET = 'between us'
const SEGMENTS = 4

export async function openEchoNetwork(root, { share = 1 } = {}) {
  const processes = await openProcesses(root)
  try {
    const renditions = join(processes.folder, 'renditions')
    const sources = await prepareSegments(renditions, SEGMENTS, share)
    const [service, http] = [await at(), await at()]
    const { num, den } = DEVNET_PRICE_PER_PIXEL
    const orchestrator = await processes.start('orchestrator', 'orchestrator1', [
      ...['orchestrator', '-serviceAddr', service, '-orchSecret', SECRET, '-maxSessions', '400'],
      ...['-pricePerUnit', `${num}`, '-pixelsPerUnit', `${den}`],
    ])
    const worker = processes.echo(service, SECRET, renditions, SEGMENTS)
    await until(() => orchestrator.said().includes('a worker joined'), worker, 'the echoing worker')
    const gateway = await processes.start('gateway', 'gateway', [
      ...['gateway', '-orchAddr', service, '-httpAddr', http, '-rtmpAddr', await at(), '-maxSessions', '400'],
      ...['-transcodingOptions', LADDER.join(',')],
    ])
    return {
      gateway,
      orchestrator,
      worker,
      sources,
      close: processes.close,
      /** Pushes a segment of a stream and throws unless everything came back: four renditions, bought with tickets. */
      push: async (stream, seq) => {
        const { data, durationMs } = sources[seq % SEGMENTS]
        const response = await fetch(`http://${http}/live/${stream}/${seq}.ts`, {
          method: 'PUT',
          headers: { accept: 'multipart/mixed', 'content-duration': String(durationMs) },
          body: data,
        })
        const body = new Uint8Array(await response.arrayBuffer())
        if (!response.ok)
          throw new Error(`the gateway answered ${response.status}: ${Buffer.from(body.subarray(0, 300))}`)
        const boundary = /boundary=([^;]+)/.exec(response.headers.get('content-type') ?? '')?.[1]
        const count = boundary ? parseMultipart(body, boundary).length : 0
        const tickets = Number(response.headers.get('millrace-tickets') ?? '0')
        if (count !== 4 || !response.headers.get('millrace-orchestrator'))
          throw new Error(`segment ${seq} of ${stream} came back with ${count} renditions, not bought`)
        return { tickets, bytes: body.length }
      },
    }
  } catch (error) {
    await processes.close()
    throw error
  }
}

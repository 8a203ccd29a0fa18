#!/usr/bin/env node
// A worker that transcodes nothing: it joins an orchestrator as every worker does, fetches each source, and delivers
// renditions that were made beforehand. Its arguments: the orchestrator, the secret, the folder of renditions, their number.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { NODE_VERSION, RemoteWorker } from '@millrace/node'
import { nodeId } from '@millrace/wire'

const [orchestratorUri, secret, folder, count] = process.argv.slice(2)

const prepared = Array.from({ length: Number(count) }, (_, seq) => {
  const { decodedPixels, pixels } = JSON.parse(readFileSync(join(folder, `${seq}.json`), 'utf8'))
  return {
    decodedPixels: BigInt(decodedPixels),
    renditions: pixels.map((n, i) => ({ data: readFileSync(join(folder, `${seq}-${i}.ts`)), pixels: BigInt(n) })),
  }
})
const worker = {
  workerId: nodeId('echo'),
  capacity: 500,
  transcode: async ({ seq, profiles }) => {
    const { decodedPixels, renditions } = prepared[seq % prepared.length]
    return { decodedPixels, renditions: profiles.map((_, i) => renditions[i]) }
  },
  endSession: async () => {},
}
const link = new RemoteWorker(
  { orchestratorUri, secret, version: NODE_VERSION },
  {
    worker,
    log: silentLog,
    onFatal: (error) => {
      console.error(error.message)
      process.exit(1)
    },
  },
)
await link.start()

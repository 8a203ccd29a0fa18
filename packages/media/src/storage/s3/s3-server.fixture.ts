import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@millrace/base/node'

/** An S3 server with one empty bucket; it takes any signature of its well-known key. */
export type S3Server = { readonly url: string; readonly storeUrl: string; close(): Promise<void> }

type S3rver = { run(): Promise<unknown>; close(): Promise<void> }

export async function openS3Server(bucket = 'bucket'): Promise<S3Server> {
  // The package has no types.
  const name = 's3rver'
  const { default: Server } = (await import(name)) as { default: new (options: object) => S3rver }
  const directory = await mkdtemp(join(tmpdir(), 'millrace-s3-'))
  const port = await freePort()
  const server = new Server({
    ...{ address: '127.0.0.1', port, silent: true, directory },
    ...{ configureBuckets: [{ name: bucket, configs: [] }] },
  })
  await server.run()
  return {
    url: `http://127.0.0.1:${port}/${bucket}`,
    storeUrl: `s3+http://S3RVER:S3RVER@127.0.0.1:${port}/${bucket}`,
    close: async () => {
      await server.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

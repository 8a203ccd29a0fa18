import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { FolderStore } from './folder.ts'
import { IpfsStore } from './ipfs/ipfs-store.ts'
import { MemoryStore } from './memory.ts'
import { objectStoreSuite } from './object-store.suite.ts'
import { openObjectStore } from './open-store.ts'
import { openS3Server, type S3Server } from './s3/s3-server.fixture.ts'

describe('object store: memory', () =>
  objectStoreSuite(async () => ({ store: new MemoryStore(), close: async () => {} })))

describe('object store: folder', () =>
  objectStoreSuite(async () => {
    const path = await mkdtemp(join(tmpdir(), 'millrace-folder-'))
    return { store: new FolderStore({ path }), close: () => rm(path, { recursive: true }) }
  }))

describe('object store: S3', () => {
  let server: S3Server
  beforeAll(async () => {
    server = await openS3Server()
  })
  afterAll(async () => server.close())
  // A prefix of its own stands for a fresh bucket.
  objectStoreSuite(
    async () => ({
      store: openObjectStore(`${server.storeUrl}/${randomUUID()}`),
      close: async () => {},
    }),
    { atomic: false },
  )
})

describe('object store: IPFS', () =>
  objectStoreSuite(async () => {
    const path = await mkdtemp(join(tmpdir(), 'millrace-ipfs-'))
    const store = new IpfsStore({ blocks: new FolderStore({ path }) })
    return { store, close: () => rm(path, { recursive: true }) }
  }))

/** Another S3 server, for example one that checks signatures: `S3_TEST_URL=s3+http://KEY:SECRET@127.0.0.1:7070/bucket`. */
const other = process.env.S3_TEST_URL
describe.runIf(other !== undefined)('object store: the S3 server of S3_TEST_URL', () =>
  objectStoreSuite(async () => ({ store: openObjectStore(`${other}/${randomUUID()}`), close: async () => {} })),
)

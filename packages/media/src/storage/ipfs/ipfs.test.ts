import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { MemoryStore } from '../memory.ts'
import { addFile, addFolder } from './add-file.ts'
import { cidBytes, cidOf, parseCid } from './cid.ts'
import { IpfsStore } from './ipfs-store.ts'
import { decodeNode } from './node.ts'
import { PinataPins } from './pinata.ts'
import { PinningService } from './pinning-service.ts'

function pattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8) * 7) & 255
  return bytes
}
const text = (content: string): Uint8Array => new TextEncoder().encode(content)
const nowhere = async () => {}
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

// What ipfs-unixfs-importer 15 of the IPFS project makes of the same bytes, with the settings of `ipfs add --cid-version=1`.
it.each([
  [0, 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'],
  [1, 'bafkreidogqfzz75tpkmjzjke425xqcrmpcib2p5tg44hnbirumdbpl5adu'],
  [262_144, 'bafkreietseox7mbu3i3vb7ros2unfux4aqryzvgytw7scpl5juzn65javy'],
  [262_145, 'bafybeicouja4gg2waqb57du37qije2sp5slnazguiuchd2lj4gix54r2pa'],
  [1_000_000, 'bafybeifkndcs2kxv26zhmsrfb65w4z3jbkucauw4x3bobgaanr56obozha'],
  [262_144 * 174 + 1, 'bafybeihr7g6tzxx3ngulodiuwm2mvgfumbxrp65wbw5gl2rpk3lrhcwfky'],
])('a file of %i bytes has the CID that every IPFS node gives it', async (length, cid) => {
  expect((await addFile(pattern(length), nowhere)).cid.text).toBe(cid)
})

it('folders have the CIDs that every IPFS node gives them', async () => {
  const hello = await addFile(text('hello world'), nowhere)
  const big = await addFile(pattern(300_000), nowhere)
  const folder = await addFolder(
    new Map([
      ['a/hello.txt', hello],
      ['a/b/big.bin', big],
    ]),
    nowhere,
  )
  expect(folder.cid.text).toMatch(/^bafybei/)
  const a = await addFolder(
    new Map([
      ['hello.txt', hello],
      ['b/big.bin', big],
    ]),
    nowhere,
  )
  expect(a.cid.text).toBe('bafybeic2c6kq6tvpjnbzfwjbufczkizhwwde7cpcckzf2ib3ttzjiwzsci')
})

it('a CID is read as it is written, and other texts are refused', () => {
  const cid = 'bafybeifkndcs2kxv26zhmsrfb65w4z3jbkucauw4x3bobgaanr56obozha'
  expect(parseCid(cid).text).toBe(cid)
  expect(parseCid(cidBytes(parseCid(cid)))).toEqual(parseCid(cid))
  for (const bad of [
    '',
    'b',
    `${cid}a`,
    cid.toUpperCase(),
    'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnUmmm',
    cid.replace(/a$/, 'b'),
  ])
    expect(() => parseCid(bad)).toThrow(expect.objectContaining({ code: 'bad_cid' }))
})

it('random bytes are never anything but a bad block or a bad CID', () => {
  for (let i = 0; i < 3_000; i++) {
    const bytes = Uint8Array.from({ length: i % 90 }, () => Math.random() * 256)
    try {
      decodeNode(bytes)
    } catch (error) {
      expect(error).toMatchObject({ code: expect.stringMatching(/^bad_(block|cid)$/) })
    }
  }
})

it('a folder of keys is read by its CID and their paths', async () => {
  const store = new IpfsStore({ blocks: new MemoryStore() })
  await store.save('rec/source/0.ts', pattern(600_000))
  await store.save('rec/index.m3u8', text('#EXTM3U'))
  const cid = await store.folderCid('rec')
  const segment = await store.readCid(cid, { path: ['source', '0.ts'] })
  expect(Buffer.compare(segment!, pattern(600_000))).toBe(0)
  expect(await store.readCid(cid, { path: ['index.m3u8'] })).toEqual(text('#EXTM3U'))
  expect(await store.readCid(cid, { path: ['source', 'none'] })).toBeUndefined()
  expect(await store.readCid(cid)).toBeUndefined()
})

it('bytes that rotted on the disk are not served', async () => {
  const blocks = new MemoryStore()
  const store = new IpfsStore({ blocks })
  await store.save('a', text('hello'))
  const cid = (await store.cidOf('a'))!
  await blocks.save(`blocks/${cid}`, text('jello'))
  await expect(store.read('a')).rejects.toMatchObject({ code: 'cid_mismatch' })
})

it('a CAR file holds the root and all blocks once', async () => {
  const store = new IpfsStore({ blocks: new MemoryStore() })
  // Two equal chunks: one block.
  await store.save('a', new Uint8Array(2 * 262_144))
  const cid = (await store.cidOf('a'))!
  const bytes = Buffer.concat(await all(store.car(cid)))
  const { roots, blocks } = readCar(bytes)
  expect(roots).toEqual([cid])
  expect(blocks).toHaveLength(2)
  expect(new Set(blocks).size).toBe(2)
})

/** Reads a CAR by its specification, apart from what wrote it. */
function readCar(bytes: Buffer): { readonly roots: string[]; readonly blocks: string[] } {
  let at = 0
  const varint = (): number => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = bytes[at++]!
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }
  const head = bytes.subarray(0, varint() + at).subarray(at)
  at += head.length
  expect(head.subarray(0, 12).toString('hex')).toBe('a265726f6f747381d82a5825'.slice(0, 24))
  const roots = [parseCid(new Uint8Array(head.subarray(13, 49))).text]
  expect(head.subarray(49).toString('latin1')).toBe('gversion\u0001')
  const blocks: string[] = []
  while (at < bytes.length) {
    const end = varint() + at
    blocks.push(parseCid(new Uint8Array(bytes.subarray(at, at + 36))).text)
    at = end
  }
  return { roots, blocks }
}

/** A pinning service that notes what it is asked. */
async function openPins(answer: (request: IncomingMessage, body: Buffer) => { status: number; json?: unknown }) {
  const asked: { line: string; headers: IncomingMessage['headers']; body: Buffer }[] = []
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await all(request as AsyncIterable<Buffer>))
    asked.push({ line: `${request.method} ${request.url}`, headers: request.headers, body })
    const { status, json } = answer(request, body)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(json ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, asked, close: () => new Promise((resolve) => server.close(resolve)) }
}

it('a pinning service is asked to keep what is saved and to let go of what is removed', async () => {
  const service = await openPins(({ method }) =>
    method === 'GET' ? { status: 200, json: { count: 1, results: [{ requestid: 'one' }] } } : { status: 202 },
  )
  const pins = new PinningService({ url: service.url, token: 'secret-token' })
  const store = new IpfsStore({ blocks: new MemoryStore(), pins })
  const url = await store.save('a/b.ts', text('hello'))
  await store.remove('a/b.ts')
  const cid = url.slice('ipfs://'.length)
  expect(service.asked.map(({ line }) => line)).toEqual(['POST /pins', `GET /pins?cid=${cid}`, 'DELETE /pins/one'])
  expect(service.asked[0]?.headers.authorization).toBe('Bearer secret-token')
  expect(JSON.parse(String(service.asked[0]?.body))).toEqual({ cid, name: 'a/b.ts' })
  await service.close()
})

it('Pinata is sent the bytes, and an answer that names others is an error', async () => {
  const hello = cidOf('raw', new Uint8Array(32)).text
  let names: string | undefined
  const service = await openPins(() => ({ status: 200, json: { IpfsHash: names ?? hello } }))
  const pins = new PinataPins({ key: 'k', secret: 's', apiUrl: service.url })
  const store = new IpfsStore({ blocks: new MemoryStore(), pins })
  await expect(store.save('a', text('hello'))).rejects.toMatchObject({ code: 'cid_mismatch' })
  expect(await store.read('a')).toBeUndefined()
  names = (await addFile(text('hello'), nowhere)).cid.text
  expect(await store.save('a', text('hello'))).toBe(`ipfs://${names}`)
  expect(service.asked[1]?.headers.pinata_secret_api_key).toBe('s')
  expect(String(service.asked[1]?.body)).toContain('hello')
  await service.close()
})

it('an object that the pinning service refuses is not saved', async () => {
  const service = await openPins(() => ({ status: 401 }))
  const pins = new PinningService({ url: service.url, token: 'secret-token' })
  const store = new IpfsStore({ blocks: new MemoryStore(), pins })
  await expect(store.save('a', text('x'))).rejects.toMatchObject({
    code: 'store_refused',
    message: expect.not.stringContaining('secret-token'),
  })
  expect(await store.list('')).toEqual([])
  await service.close()
})

import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ObjectStore } from './object-store.ts'

export type OpenedStore = { readonly store: ObjectStore; close(): Promise<void> }

const text = (content: string): Uint8Array => new TextEncoder().encode(content)
const textOf = (data: Uint8Array | undefined): string | undefined => data && new TextDecoder().decode(data)

/** What every place for objects does; run it inside a `describe`. `atomic` is false for a server that replaces objects piece by piece. */
export function objectStoreSuite(
  open: () => Promise<OpenedStore>,
  { atomic = true }: { readonly atomic?: boolean } = {},
): void {
  let opened: OpenedStore
  let store: ObjectStore
  beforeEach(async () => {
    opened = await open()
    store = opened.store
  })
  afterEach(async () => opened.close())

  it('gives back what was saved, byte for byte', async () => {
    const data = Uint8Array.from({ length: 300_001 }, (_, i) => (i * 31) & 255)
    const url = await store.save('stream/source/0.ts', data, { contentType: 'video/mp2t' })
    expect(new URL(url).protocol).toMatch(/^(memory|file|https?|ipfs):$/)
    expect(Buffer.compare((await store.read('stream/source/0.ts'))!, data)).toBe(0)
  })

  it('keeps an empty object apart from none', async () => {
    await store.save('empty', new Uint8Array(0))
    expect(await store.read('empty')).toHaveLength(0)
    expect(await store.read('nothing')).toBeUndefined()
  })

  it('puts new bytes in the place of old ones', async () => {
    await store.save('a/b', text('old and long'))
    await store.save('a/b', text('new'))
    expect(textOf(await store.read('a/b'))).toBe('new')
    expect(await store.list('a/')).toEqual(['a/b'])
  })

  it('forgets what is removed, and does not mind what is not there', async () => {
    await store.save('a/b', text('x'))
    await store.remove('a/b')
    await store.remove('a/b')
    expect(await store.read('a/b')).toBeUndefined()
    expect(await store.list('')).toEqual([])
  })

  it('lists by the beginning of keys, in order', async () => {
    for (const key of ['rec/10.ts', 'rec/2.ts', 'rec/deep/er/1.ts', 'record/1.ts', 'other'])
      await store.save(key, text(key))
    expect(await store.list('rec/')).toEqual(['rec/10.ts', 'rec/2.ts', 'rec/deep/er/1.ts'])
    expect(await store.list('rec')).toEqual(['rec/10.ts', 'rec/2.ts', 'rec/deep/er/1.ts', 'record/1.ts'])
    expect(await store.list('none')).toEqual([])
  })

  it('keeps keys with characters that URLs and XML hold apart', async () => {
    const keys = ["a b+c&d=e'(1)!*.ts", 'päth/söurce #1?.ts', '100%25/<x>&amp;.ts']
    for (const key of keys) await store.save(key, text(key))
    for (const key of keys) expect(textOf(await store.read(key))).toBe(key)
    expect(await store.list('')).toEqual([...keys].sort())
  })

  it.each(['', '/a', 'a/', 'a//b', '../a', 'a/../b', '.', 'a\\b', 'a\u0000b', '.1.tmp', 'a'.repeat(201)])(
    'refuses the key %j',
    async (key) => {
      await expect(store.save(key, text('x'))).rejects.toMatchObject({ code: 'bad_object_key' })
    },
  )

  it('saves many objects at once', async () => {
    const keys = Array.from({ length: 40 }, (_, i) => `many/${String(i).padStart(2, '0')}`)
    await Promise.all(keys.map((key) => store.save(key, text(key))))
    expect(await store.list('many/')).toEqual(keys)
  })

  it.runIf(atomic)('shows a reader the old bytes or the new while an object is replaced', async () => {
    const [a, b] = [new Uint8Array(200_000).fill(1), new Uint8Array(200_000).fill(2)]
    await store.save('one', a)
    const writing = Promise.all(Array.from({ length: 6 }, (_, i) => store.save('one', i % 2 ? a : b)))
    for (let i = 0; i < 6; i++) {
      const read = (await store.read('one'))!
      expect(read).toHaveLength(200_000)
      expect(read.every((byte) => byte === read[0])).toBe(true)
    }
    await writing
  })
}

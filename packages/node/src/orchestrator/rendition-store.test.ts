import { expect, it } from 'vitest'
import { RenditionStore } from './rendition-store.ts'

const object = (data: Uint8Array) => ({ contentType: 'video/mp2t', data })
const MB = 1024 * 1024
// One array for many renditions: the bound counts each, the machine holds one.
const LARGE = new Uint8Array(100 * MB)

const held = (store: RenditionStore, folder: string, count: number): number[] =>
  Array.from({ length: count }, (_, seq) => seq).filter((seq) => store.get(`${folder}/${seq}.ts`) !== undefined)

it('a folder keeps its last twelve renditions', () => {
  const store = new RenditionStore()
  for (let seq = 0; seq < 15; seq++) store.put('/stream/s/240p0', `${seq}.ts`, object(new Uint8Array([seq])))
  expect(held(store, '/stream/s/240p0', 15)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
  expect(store.get('/stream/s/240p0/7.ts')).toEqual(object(new Uint8Array([7])))
})

it('folders do not push each other out below the bound', () => {
  const store = new RenditionStore()
  for (let folder = 0; folder < 50; folder++) store.put(`/stream/${folder}/p`, '0.ts', object(new Uint8Array(10)))
  for (let folder = 0; folder < 50; folder++) expect(store.get(`/stream/${folder}/p/0.ts`)).toBeDefined()
})

it('beyond 512 MB the folder that was used longest ago goes first', () => {
  const store = new RenditionStore()
  for (let folder = 0; folder < 5; folder++) store.put(`/stream/${folder}/p`, '0.ts', object(LARGE))
  store.put('/stream/0/p', '1.ts', object(new Uint8Array(1)))
  store.put('/stream/5/p', '0.ts', object(LARGE))
  expect(store.get('/stream/1/p/0.ts')).toBeUndefined()
  expect(store.get('/stream/0/p/0.ts')).toBeDefined()
  expect(store.get('/stream/5/p/0.ts')).toBeDefined()
})

it('one folder alone stays within the bound too, and keeps the latest', () => {
  const store = new RenditionStore()
  for (let seq = 0; seq < 8; seq++) store.put('/stream/s/p', `${seq}.ts`, object(LARGE))
  expect(held(store, '/stream/s/p', 8)).toEqual([3, 4, 5, 6, 7])
})

it('a rendition that is put again takes its place once', () => {
  const store = new RenditionStore()
  for (let i = 0; i < 20; i++) store.put('/stream/s/p', '0.ts', object(LARGE))
  store.put('/stream/t/p', '0.ts', object(LARGE))
  expect(store.get('/stream/s/p/0.ts')).toBeDefined()
})

it('the end of a session takes its folders, and no other whose name begins alike', () => {
  const store = new RenditionStore()
  for (const folder of ['/stream/ab/p', '/stream/ab/q', '/stream/abc/p', '/stream/ab'])
    store.put(folder, '0.ts', object(new Uint8Array(1)))
  store.removeFolder('/stream/ab')
  expect(store.get('/stream/ab/p/0.ts')).toBeUndefined()
  expect(store.get('/stream/ab/q/0.ts')).toBeUndefined()
  expect(store.get('/stream/ab/0.ts')).toBeUndefined()
  expect(store.get('/stream/abc/p/0.ts')).toBeDefined()
})

it.each(['/stream/s/p', '/stream/s/p/', '/stream/s/p/__proto__', 'constructor', '', '/'])(
  'what was never put is not there: %s',
  (path) => {
    const store = new RenditionStore()
    store.put('/stream/s/p', '0.ts', object(new Uint8Array(1)))
    expect(store.get(path)).toBeUndefined()
  },
)

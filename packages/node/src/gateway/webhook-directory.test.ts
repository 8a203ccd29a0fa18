import { ManualClock, silentLog } from '@millrace/base'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { orchestratorUri } from './directory.ts'
import { BAD_ANSWERS, openWeb } from './web-fixture.ts'
import { webhookDirectory } from './webhook-directory.ts'

let web: Awaited<ReturnType<typeof openWeb>>
let clock: ManualClock

beforeEach(async () => {
  web = await openWeb([{ address: 'https://a.example:8935', score: 1 }])
  clock = new ManualClock(1_000_000)
})
afterEach(() => web.close())

const open = () => webhookDirectory({ url: web.url }, { clock, log: silentLog })
const urisOf = async (directory: ReturnType<typeof open>) =>
  (await directory.find()).map(({ serviceUri }) => serviceUri)

it('reads the list, and again at most once a minute', async () => {
  const directory = open()
  expect(await urisOf(directory)).toEqual(['https://a.example:8935'])
  web.serve([{ address: 'https://b.example:8935' }])
  await clock.advance(59_000)
  expect(await urisOf(directory)).toEqual(['https://a.example:8935'])
  expect(web.asked).toHaveLength(1)
  await clock.advance(1_000)
  await directory.find()
  await expect.poll(() => urisOf(directory)).toEqual(['https://b.example:8935'])
  expect(web.asked.map(({ method }) => method)).toEqual(['GET', 'GET'])
})

it.each(BAD_ANSWERS)('keeps the list when it is answered with %s', async (_, answer) => {
  const directory = open()
  await directory.find()
  web.serveBy((_, response) => answer(response))
  await clock.advance(60_000)
  await directory.find()
  await expect.poll(() => web.asked.length).toBe(2)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(await urisOf(directory)).toEqual(['https://a.example:8935'])
})

it.each(BAD_ANSWERS)('says so when the first answer is %s', async (_, answer) => {
  web.serveBy((_, response) => answer(response))
  await expect(open().find()).rejects.toMatchObject({ code: 'no_orchestrators', retryable: true })
})

it('leaves out what is no address of an orchestrator', async () => {
  web.serve([{ address: 'https://user:secret@a.example' }, { address: 'file:///etc/passwd' }, { address: 'b.example' }])
  expect(await urisOf(open())).toEqual(['https://b.example:8935'])
})

it.each([
  ['https://host:1', 'https://host:1'],
  ['host:1', 'https://host:1'],
  ['host', 'https://host:8935'],
  [':8936', 'https://127.0.0.1:8936'],
  ['https://host', 'https://host:8935'],
  ['https://host:443', 'https://host:443'],
  ['http://[::1]:8935/path', 'http://[::1]:8935'],
  ['ftp://host', undefined],
  ['', undefined],
])('an operator may write %s', (text, uri) => {
  expect(orchestratorUri(text)).toBe(uri)
})

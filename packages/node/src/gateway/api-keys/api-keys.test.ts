import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock, silentLog } from '@millrace/base'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ApiKeys } from './api-keys.ts'
import { parseApiKeys } from './key-file.ts'
import { RateLimit } from './rate-limit.ts'
import { SpendAccount } from './spend-account.ts'

const KEY = 'a-key-of-some-length'
const HOUR = 3_600_000

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-keys-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function kv() {
  const held = new Map<string, string>()
  return { get: (key: string) => held.get(key), set: (key: string, value: string) => void held.set(key, value) }
}

async function open(entries: unknown, clock = new ManualClock(0)) {
  const file = join(folder, `${Math.random()}.json`)
  await writeFile(file, JSON.stringify(entries))
  const keys = new ApiKeys(file, { kv: kv(), clock, log: silentLog })
  const admit = (authorization?: string) =>
    keys.admit({ headers: authorization === undefined ? {} : { authorization } })
  return { keys, admit, file }
}

describe('keys of clients', () => {
  it('are taken as bearer tokens, in clear or as their hash', async () => {
    const sha256 = createHash('sha256').update('another-key-of-some-length').digest('hex')
    const { keys, admit } = await open([
      { name: 'anna', key: KEY },
      { name: 'bert', sha256 },
    ])
    expect(admit(`Bearer ${KEY}`).name).toBe('anna')
    expect(admit('bearer another-key-of-some-length').name).toBe('bert')
    for (const wrong of [undefined, 'Bearer wrong', `Basic ${KEY}`, KEY, `Bearer ${sha256}`])
      expect(() => admit(wrong)).toThrow(expect.objectContaining({ code: 'ai_key_refused', status: 401 }))
    await keys.stop()
  })

  it('are read again when the file changes, and kept when the new file is wrong', async () => {
    vi.useFakeTimers()
    const { keys, admit, file } = await open([{ name: 'anna', key: KEY }])
    await writeFile(file, '[{"name": "anna"}]')
    vi.advanceTimersByTime(2_000)
    expect(admit(`Bearer ${KEY}`).name).toBe('anna')
    await writeFile(file, JSON.stringify([{ name: 'carl', key: 'one-more-key-of-some-length' }]))
    vi.advanceTimersByTime(2_000)
    expect(() => admit(`Bearer ${KEY}`)).toThrow(expect.objectContaining({ code: 'ai_key_refused' }))
    expect(admit('Bearer one-more-key-of-some-length').name).toBe('carl')
    await keys.stop()
    vi.useRealTimers()
  })

  it.each([
    'hidden',
    '{}',
    '[{"name": "a", "key": "hidden"}]',
    '[{"name": "a", "key": "hidden-hidden-hidden", "sha256": "00"}]',
    '[{"name": "a", "key": "hidden-hidden-hidden", "weiPerDay": 5}]',
    '[{"name": "a", "key": "hidden-hidden-hidden"}, {"name": "b", "key": "hidden-hidden-hidden"}]',
    '[{"name": "a", "key": "hidden-hidden-hidden", "limit": 1}]',
  ])('are refused where the file is wrong, and repeated nowhere: %s', (text) => {
    expect(() => parseApiKeys(text)).toThrow(
      expect.objectContaining({ code: 'bad_api_keys', message: expect.not.stringContaining('hidden') }),
    )
  })

  it('are read as the page about them has them', async () => {
    const page = await readFile(new URL('../../../../../docs/operating/api-keys.md', import.meta.url), 'utf8')
    const [, example = ''] = /```json\n(.*?)```/s.exec(page) ?? []
    expect(parseApiKeys(example)).toMatchObject([
      { name: 'anna', requestsPerMinute: 60, weiPerDay: 20_000_000_000_000_000n },
      { name: 'bert', requestsPerMinute: undefined, weiPerDay: undefined },
    ])
  })

  it('that send too much are told when they may again', async () => {
    const clock = new ManualClock(0)
    const { keys, admit } = await open([{ name: 'anna', key: KEY, requestsPerMinute: 12 }], clock)
    for (let i = 0; i < 2; i++) admit(`Bearer ${KEY}`)
    expect(() => admit(`Bearer ${KEY}`)).toThrow(
      expect.objectContaining({ code: 'ai_rate_limited', status: 429, meta: { retryAfterS: 5 } }),
    )
    clock.advance(5_000)
    admit(`Bearer ${KEY}`)
    await keys.stop()
  })
})

describe('a limit of requests', () => {
  it('lets through what it names, and ten seconds of it at once', () => {
    const limit = new RateLimit(60)
    let taken = 0
    for (let ms = 0; ms < 60_000; ms += 10) if (limit.take(ms) === 0) taken++
    expect(taken).toBeGreaterThanOrEqual(60)
    expect(taken).toBeLessThanOrEqual(70)
    expect(new RateLimit(undefined).take(0)).toBe(0)
  })
})

describe('the money of a key', () => {
  it('is kept aside while a job runs, and given back when it fails', () => {
    const account = new SpendAccount({ name: 'a', weiPerDay: 100n }, { kv: kv(), clock: new ManualClock(0) })
    const first = account.reserve(60n)
    expect(() => account.reserve(60n)).toThrow(expect.objectContaining({ code: 'ai_spend_limit', status: 402 }))
    first.settle(0n)
    const second = account.reserve(60n)
    second.settle(55n)
    second.settle(55n)
    expect(account.spentWei).toBe(55n)
    expect(account.paid(0n)).toBe(true)
    expect(() => account.reserve(46n)).toThrow(expect.objectContaining({ code: 'ai_spend_limit' }))
    account.reserve(45n).settle(45n)
    expect(account.paid(1n)).toBe(false)
    expect(account.spentWei).toBe(101n)
  })

  it('begins anew with each day, and a restart in between changes nothing', () => {
    const clock = new ManualClock(23 * HOUR)
    const store = kv()
    const open = () => new SpendAccount({ name: 'a', weiPerDay: 100n }, { kv: store, clock })
    open().reserve(100n).settle(100n)
    expect(() => open().reserve(1n)).toThrow(expect.objectContaining({ code: 'ai_spend_limit' }))
    clock.advance(HOUR)
    const account = open()
    expect(account.spentWei).toBe(0n)
    account.reserve(100n).settle(100n)
  })
})

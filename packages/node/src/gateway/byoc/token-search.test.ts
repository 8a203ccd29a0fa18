import { encodeJobToken } from '@millrace/ai'
import { MillraceError, silentLog } from '@millrace/base'
import { expect, it } from 'vitest'
import type { SecureRequest } from '../../links/http/secure-fetch.ts'
import { unsignedJobs } from './job-signer.ts'
import { TokenSearch } from './token-search.ts'

const NOW = { include: [], exclude: [] }
const limits = { searchMs: 1_000, answerMs: 500, signal: new AbortController().signal }

/** Orchestrators by their address, with the room that each has and how long it takes to say so. */
function searchOver(
  all: Readonly<Record<string, { readonly room: number; readonly ms?: number; readonly says?: string }>>,
) {
  const asked: string[] = []
  const http = {
    fetch: async (url: string, { headTimeoutMs }: SecureRequest) => {
      const { origin } = new URL(url)
      asked.push(origin)
      const { room, ms = 0, says = origin } = all[origin]!
      if (ms > headTimeoutMs) throw new MillraceError('peer_timeout', 'too late', { retryable: true })
      const token = { sender: undefined, ticketParams: undefined, balanceWei: 0n, availableCapacity: room }
      const price = { pricePerUnit: 0n, pixelsPerUnit: 1n }
      const body = new Uint8Array(Buffer.from(encodeJobToken({ ...token, price, serviceUri: says })))
      return { status: 200, headers: {}, body, headMs: 0 }
    },
  }
  const entries = Object.keys(all).map((serviceUri) => ({ serviceUri, address: undefined, stakeLpt: 0n }))
  const search = new TokenSearch(
    { allowPrivate: false, blocklist: new Set() },
    { entries: async () => entries, http, signer: unsignedJobs, random: Math.random, log: silentLog },
  )
  const find = async (parameters = NOW as { include: string[]; exclude: string[] }) =>
    (await search.find('words', parameters, limits)).map(({ entry }) => entry.serviceUri).sort()
  return { find, asked }
}

it('only those with room are found, and only those are asked whom the client means', async () => {
  const { find, asked } = searchOver({
    'https://1.1.1.1': { room: 1 },
    'https://8.8.8.8': { room: 2 },
    'https://9.9.9.9': { room: 0 },
  })
  expect(await find()).toEqual(['https://1.1.1.1', 'https://8.8.8.8'])
  asked.length = 0
  expect(await find({ include: ['https://8.8.8.8'], exclude: [] })).toEqual(['https://8.8.8.8'])
  expect(await find({ include: [], exclude: ['https://8.8.8.8'] })).toEqual(['https://1.1.1.1'])
  expect(asked.sort()).toEqual(['https://1.1.1.1', 'https://8.8.8.8', 'https://9.9.9.9'])
})

it('those who are late are not waited for while others are there, and get longer where nobody is', async () => {
  const slow = { room: 1, ms: 800 }
  expect(await searchOver({ 'https://1.1.1.1': slow, 'https://8.8.8.8': { room: 1 } }).find()).toEqual([
    'https://8.8.8.8',
  ])
  expect(await searchOver({ 'https://1.1.1.1': slow }).find()).toEqual(['https://1.1.1.1'])
  const { find, asked } = searchOver({ 'https://1.1.1.1': { room: 0 } })
  expect(await find()).toEqual([])
  expect(asked).toHaveLength(1)
})

it.each(['http://1.1.1.1', 'https://127.0.0.1:8935', 'https://10.0.0.1', 'nowhere'])(
  'one that says it is at %s is not dealt with',
  async (says) => expect(await searchOver({ 'https://1.1.1.1': { room: 1, says } }).find()).toEqual([]),
)

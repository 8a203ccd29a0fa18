import { keccak256, toHex } from '@millrace/base'
import { DEVNET_PRICE_PER_PIXEL, feeOf } from '@millrace/payments'
import {
  renditionsHash,
  signHashMessage,
  signSegmentCommitment,
  type TranscodeData,
  type TranscodeResult,
} from '@millrace/wire'
import { createKeySigner } from '@millrace/wire/node'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openOrchestrator, type TestOrchestrator } from '../orchestrator/orchestrator-fixture.ts'
import {
  changesAnswers,
  delivers,
  hexHash,
  LADDER,
  openBuying,
  openMedia,
  openSession,
  type TestMedia,
  times,
} from './gateway-fixture.ts'
import { KeyPayments } from './payment-source.ts'
import type { GatewaySession } from './session-pool.ts'
import { type Submitted, submitSegment } from './submit.ts'

let media: TestMedia
let o: TestOrchestrator
let session: GatewaySession
let buying: ReturnType<typeof openBuying>

beforeAll(async () => {
  media = await openMedia()
}, 60_000)

beforeEach(async () => {
  // So dear that the first segment, which opens the ledger, takes several tickets.
  o = await openOrchestrator({ pricePerPixel: times(DEVNET_PRICE_PER_PIXEL, 10n) })
  delivers(o, media)
  buying = openBuying(o.gatewaySigner, () => [])
  session = await openSession(o, o.gatewaySigner)
})

afterEach(async () => {
  buying.close()
  await o[Symbol.asyncDispose]()
})

function submit(seq: number, change: { session?: GatewaySession } = {}): Promise<Submitted> {
  return submitSegment(
    {
      segment: hexHash(media.segment(seq)),
      ladder: LADDER,
      domain: o.domain,
      traceparent: '00-trace-01',
      signal: new AbortController().signal,
    },
    {
      ...buying,
      session: change.session ?? session,
      payer: new KeyPayments({ signer: o.gatewaySigner, tickets: o.tickets }),
      hashing: o.hashing,
      lastSeenBlock: () => o.chain.block,
    },
  )
}

/** Changes what the orchestrator answers; everything before, payment and work, is real. */
const lies = (change: (data: TranscodeData, result: TranscodeResult) => TranscodeResult): void =>
  changesAnswers(o, (result, data) => change(data, result))

const withData = (result: TranscodeResult, data: TranscodeData): TranscodeResult => ({ ...result, result: { data } })

const ledger = () => buying.balances.balance(o.signer.address, session.sessionId)

describe('an honest orchestrator', () => {
  it('is paid for its pixels, and its renditions and receipt are taken', async () => {
    const submitted = await submit(0)
    const { data, pixels } = media.clips[0]!
    expect(submitted.renditions.map((rendition) => toHex(keccak256(rendition)))).toEqual(
      LADDER.map(() => toHex(keccak256(data))),
    )
    expect(submitted.pixels).toBe(BigInt(LADDER.length) * pixels)
    const price = session.initialPrice!
    expect(submitted.result.feeWei).toBe(feeOf(submitted.pixels, price).num / feeOf(submitted.pixels, price).den)
    expect(submitted.result.paid).toBe(true)
    expect(submitted.result.tickets).toBeGreaterThan(0)
    expect(submitted.result.commitment).toEqual(o.commitments[0])
    expect(submitted.result.commitment).toMatchObject({ seq: 0, pixels: submitted.pixels })
  })

  it('keeps the change: what was not used pays for the next segment', async () => {
    const first = await submit(0)
    const { num, den } = ledger()
    expect(num).toBeGreaterThan(0n)
    const before = num / den
    const second = await submit(1)
    expect(second.result.tickets).toBeLessThan(first.result.tickets)
    expect(before).toBeGreaterThan(0n)
    expect(second.result.paid).toBe(true)
  })

  it('that answers with its failure loses nothing and costs nothing', async () => {
    o.worker.transcode = async () => {
      throw new Error('OrchestratorBusy')
    }
    await expect(submit(0)).rejects.toMatchObject({ code: 'transcode_failed', message: 'OrchestratorBusy' })
    // The tickets went out, so their value stays as credit with the orchestrator.
    expect(ledger().num).toBeGreaterThan(0n)
  })

  it('that was started anew is asked for new terms, not blamed', async () => {
    const authToken = { ...session.info.authToken!, token: new Uint8Array(32) }
    session.info = { ...session.info, authToken }
    await expect(submit(0)).rejects.toMatchObject({ code: 'session_stale', meta: { peerText: 'invalid auth token' } })
    // Its tickets were never read, and they are not counted as credit either.
    expect(ledger().num).toBe(0n)
  })

  it('is sent nothing once its ticket parameters have expired', async () => {
    o.chain.block += 20n
    await expect(submit(0)).rejects.toMatchObject({ code: 'ticket_params_expired' })
    expect(o.jobs).toEqual([])
    expect(ledger().num).toBe(0n)
  })
})

describe('a lying orchestrator gives nothing that is accepted when', () => {
  it('somebody else signed the result', async () => {
    const other = createKeySigner(new Uint8Array(32).fill(9))
    lies((data, result) => {
      const hash = renditionsHash(LADDER.map(() => keccak256(media.clips[0]!.data)))
      return withData(result, { ...data, signature: signHashMessage(other, hash) })
    })
    await expect(submit(0)).rejects.toMatchObject({ code: 'result_signature' })
  })

  it.each([
    ['is missing', new Uint8Array(0)],
    ['is of zeros', new Uint8Array(65)],
  ])('the signature %s', async (_, signature) => {
    lies((data, result) => withData(result, { ...data, signature }))
    await expect(submit(0)).rejects.toMatchObject({ code: 'result_signature' })
  })

  it.each([1n, -1n, 1_000_000n])('it reports %s pixels more than there are', async (more) => {
    lies((data, result) =>
      withData(result, {
        signature: data.signature,
        segments: data.segments.map((segment, i) =>
          i === 0 ? { ...segment, pixels: segment.pixels + more } : segment,
        ),
      }),
    )
    await expect(submit(0)).rejects.toMatchObject({ code: 'pixel_mismatch' })
  })

  it('it answers with the renditions of another segment, and the receipt for that one', async () => {
    let first: TranscodeData | undefined
    lies((data, result) => {
      first ??= data
      return withData(result, first)
    })
    await submit(0)
    await expect(submit(1)).rejects.toMatchObject({ code: 'bad_commitment' })
  })

  it('it repeats the answer to another segment, without a receipt', async () => {
    let first: TranscodeResult | undefined
    lies((data, result) => {
      first ??= withData(result, { segments: data.segments, signature: data.signature })
      return first
    })
    await submit(0)
    await expect(submit(1)).rejects.toMatchObject({ code: 'mismatched_segments' })
  })

  it('it leaves a rendition out', async () => {
    lies((data, result) => withData(result, { ...data, segments: data.segments.slice(1) }))
    await expect(submit(0)).rejects.toMatchObject({ code: 'mismatched_segments' })
  })

  it('it adds a rendition', async () => {
    lies((data, result) => withData(result, { ...data, segments: [...data.segments, data.segments[0]!] }))
    await expect(submit(0)).rejects.toMatchObject({ code: 'mismatched_segments' })
  })

  it.each([
    ['another host', 'https://127.0.0.2:1/stream/x/y/0.ts'],
    ['another port', 'https://127.0.0.1:1/stream/x/y/0.ts'],
    ['another protocol', 'http://127.0.0.1/x'],
    ['the disk', 'file:///etc/passwd'],
    ['nowhere', 'not a url'],
  ])('a rendition is to be fetched from %s', async (_, url) => {
    lies((data, result) => withData(result, { ...data, segments: data.segments.map((s) => ({ ...s, url })) }))
    await expect(submit(0)).rejects.toMatchObject({ code: 'rendition_url_refused' })
  })

  it('a rendition is not there', async () => {
    lies((data, result) =>
      withData(result, { ...data, segments: data.segments.map((s) => ({ ...s, url: `${s.url}.gone` })) }),
    )
    await expect(submit(0)).rejects.toMatchObject({ code: 'rendition_missing' })
  })

  it('the renditions changed after they were signed', async () => {
    lies((_, result) => {
      const { data } = result.result as { data: TranscodeData }
      const stored = o.orchestrator.storedObject(new URL(data.segments[0]!.url).pathname)!
      stored.data[stored.data.length - 1]! ^= 1
      return result
    })
    const whole = media.clips[0]!.data.slice()
    try {
      await expect(submit(0)).rejects.toMatchObject({ code: 'result_signature' })
    } finally {
      media.clips[0]!.data.set(whole)
    }
  })

  it.each([
    ['another seq', { seq: 7 }],
    ['another stream', { manifestId: 'other' as never }],
    ['another session', { sessionId: 'other' as never }],
    ['another buyer', { sender: '0x00000000000000000000000000000000000000ee' }],
    ['another source', { sourceHash: `0x${'11'.repeat(32)}` }],
    ['another ladder', { profilesHash: `0x${'22'.repeat(32)}` }],
    ['other renditions', { renditionsHash: `0x${'33'.repeat(32)}` }],
    ['fewer pixels', { pixels: 1n }],
  ] as const)('it commits to %s', async (_, change) => {
    lies((data, result) => {
      const { signature: __, ...honest } = data.commitment!
      const commitment = signSegmentCommitment(o.signer, o.domain, { ...honest, ...change } as typeof honest)
      return withData(result, { ...data, commitment })
    })
    await expect(submit(0)).rejects.toMatchObject({ code: 'bad_commitment' })
  })

  it('it commits on another chain', async () => {
    lies((data, result) => {
      const { signature: _, ...honest } = data.commitment!
      const commitment = signSegmentCommitment(o.signer, { ...o.domain, chainId: 1n }, honest)
      return withData(result, { ...data, commitment })
    })
    await expect(submit(0)).rejects.toMatchObject({ code: 'bad_commitment' })
  })

  it('somebody else commits for it', async () => {
    const other = createKeySigner(new Uint8Array(32).fill(9))
    lies((data, result) => {
      const { signature: _, ...honest } = data.commitment!
      return withData(result, { ...data, commitment: signSegmentCommitment(other, o.domain, honest) })
    })
    await expect(submit(0)).rejects.toMatchObject({ code: 'bad_commitment' })
  })

  it('it more than doubles its price within a session', async () => {
    session.info = {
      ...session.info,
      priceInfo: { ...session.info.priceInfo!, pricePerUnit: session.info.priceInfo!.pricePerUnit * 2n + 1n },
    }
    await expect(submit(0)).rejects.toMatchObject({ code: 'price_doubled' })
    expect(o.jobs).toEqual([])
  })

  it('it asks a price without telling ticket parameters', async () => {
    const { ticketParams: _, ...info } = session.info
    session.info = info
    await expect(submit(0)).rejects.toMatchObject({ code: 'no_ticket_params' })
    expect(o.jobs).toEqual([])
  })

  it('its answer names other terms of somebody else', async () => {
    lies((_, result) => ({
      ...result,
      info: { ...result.info!, address: '0x00000000000000000000000000000000000000cc' },
    }))
    await submit(0)
    expect(session.info.address).toBe(o.signer.address)
  })

  it('its answer is no message at all', async () => {
    lies(() => {
      throw new Error('broken off')
    })
    await expect(submit(0)).rejects.toBeInstanceOf(Error)
    // What was sent counts as spent: nobody knows whether it was credited.
    expect(ledger().num).toBe(0n)
  })
})

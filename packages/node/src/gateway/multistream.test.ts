import { silentLog, systemClock } from '@millrace/base'
import { Hashing } from '@millrace/base/node'
import { type CodedFrame, RtmpServer } from '@millrace/media'
import { makeTestClip } from '@millrace/media/testing'
import { DEFAULT_LADDER, manifestId, type NodeEventBody } from '@millrace/wire'
import { expect, it } from 'vitest'
import type { SegmentBuyer } from './buyer.ts'
import { ChoiceLog } from './explain.ts'
import { Gateway } from './gateway.ts'
import { checkMultistream } from './multistream.ts'

const LADDER = DEFAULT_LADDER.slice(0, 1)
const RENDITION = LADDER[0]!.name

it('a stream and a rendition go to other servers, and one that is dead holds nobody back', async () => {
  const clip = await makeTestClip({ seconds: 2, segmentMs: 1_000, width: 160, height: 90, fps: 10, audio: true })
  const taken = new Map<string, CodedFrame[]>()
  const server = new RtmpServer(
    { port: 0 },
    {
      log: silentLog,
      onPublish: () => ({ accept: true }),
      onPublication: ({ name, frames }) => {
        const list: CodedFrame[] = []
        taken.set(name, list)
        void (async () => {
          for await (const frame of frames) list.push(frame)
        })().catch(() => {})
      },
    },
  )
  await server.start()
  const at = `rtmp://127.0.0.1:${server.port}/live`
  const events: NodeEventBody[] = []
  const hashing = new Hashing()
  const buyer = {
    buy: async ({ data }: { data: Uint8Array }) => ({
      ...{ orchestrator: '0x00000000000000000000000000000000000000aa', sessionId: 's', renditions: [data] },
      ...{ pixels: 1n, feeWei: 1n, tickets: 1, paid: true, commitment: undefined, traceparent: '' },
    }),
    close: async () => {},
  } as unknown as SegmentBuyer
  const gateway = new Gateway(
    {
      rtmp: undefined,
      http: { host: '127.0.0.1', port: 0 },
      ladder: LADDER,
      multistream: [
        { stream: 'clip', rendition: 'source', url: `${at}/whole` },
        { stream: '*', rendition: RENDITION, url: `${at}/small-{stream}` },
        { stream: 'other', rendition: 'source', url: `${at}/never` },
        { stream: 'clip', rendition: 'source', url: 'rtmp://127.0.0.1:1/live/secret-key' },
      ],
    },
    {
      ...{ openBuyer: () => buyer, choices: new ChoiceLog(), hashing, clock: systemClock, log: silentLog },
      tell: (event) => events.push(event),
    },
  )
  await gateway.start()
  const began = performance.now()
  for (const { seq, data } of clip.segments)
    await gateway.push(
      { manifestId: manifestId('clip'), seq, container: 'mpegts', durationMs: 1_000, data },
      { signal: new AbortController().signal },
    )
  expect(performance.now() - began).toBeLessThan(2_000)
  const pictures = (name: string) => taken.get(name)?.filter(({ kind }) => kind === 'video').length
  await expect.poll(() => [pictures('whole'), pictures('small-clip')], { timeout: 20_000 }).toEqual([20, 20])
  await gateway.stop()
  await server.stop()
  await hashing.stop()
  expect(taken.has('never')).toBe(false)
  const told = events.filter((event) => event.type === 'push_target')
  const of = (target: string, rendition: string) =>
    told.filter((event) => event.target === target && event.rendition === rendition).map(({ state }) => state)
  expect(of(new URL(at).host, RENDITION)).toEqual(['connecting', 'live', 'ended'])
  expect(of('127.0.0.1:1', 'source').slice(0, 2)).toEqual(['connecting', 'waiting'])
  expect(JSON.stringify(told)).not.toContain('secret-key')
}, 60_000)

it('all streams at one address are refused', () => {
  expect(() => checkMultistream({ stream: '*', rendition: 'source', url: 'rtmp://a/b/c' })).toThrow(
    expect.objectContaining({ code: 'bad_multistream' }),
  )
})

import { manifestId, type NodeEvent, type NodeEventBody, nodeId, sessionId } from '@millrace/wire'
import { expect, it } from 'vitest'
import { routingKeyOf, type TranscodeReport, TranscodeReports } from './transcode-reports.ts'

const ID = manifestId('clip')
const [A, B] = ['0x00000000000000000000000000000000000000aa', '0x00000000000000000000000000000000000000bb'] as const

function taken(...events: readonly (readonly [atMs: number, event: NodeEventBody])[]): TranscodeReport[] {
  const reports = new TranscodeReports()
  return events.flatMap(([atMs, event]) => {
    const report = reports.take({ v: 1, nodeId: nodeId('g'), atMs, ...event } as NodeEvent)
    return report ? [report] : []
  })
}

const received = { type: 'segment_received', manifestId: ID, seq: 7, durationMs: 2_000, bytes: 1_234 } as const
const submitted = (orchestrator: typeof A | typeof B, attempt: number) =>
  ({
    type: 'segment_submitted',
    manifestId: ID,
    seq: 7,
    orchestrator,
    orchestratorUri: `https://${orchestrator.slice(-2)}.example:8935`,
    sessionId: sessionId('00000001'),
    attempt,
    tickets: 5,
    expectedValueWei: '5',
  }) as const
const failed = {
  type: 'segment_attempt_failed',
  manifestId: ID,
  seq: 7,
  orchestrator: A,
  code: 'x',
  message: 'it hung',
} as const
const transcoded = {
  type: 'segment_transcoded',
  manifestId: ID,
  seq: 7,
  orchestrator: B,
  sessionId: sessionId('00000001'),
  delayMs: 900,
  pixels: '1',
  feeWei: '1',
  paid: true,
  renditions: [],
} as const

it('a segment that was delivered at the second attempt is one report with both', () => {
  const reports = taken(
    [1_000, received],
    [1_010, submitted(A, 1)],
    [1_400, failed],
    [1_410, submitted(B, 2)],
    [1_900, transcoded],
  )
  expect(reports).toEqual([
    {
      type: 'transcode',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      timestamp: 1_900,
      streamId: 'clip',
      nodeId: 'g',
      segment: { name: '7.ts', seqNo: 7, duration: 2, byteSize: 1_234 },
      startTime: 1_000,
      latencyMs: 900,
      success: true,
      attempts: [
        { orchestrator: { address: A, transcodeUri: 'https://aa.example:8935' }, latencyMs: 390, error: 'it hung' },
        { orchestrator: { address: B, transcodeUri: 'https://bb.example:8935' }, latencyMs: 490, error: null },
      ],
    },
  ])
  expect(routingKeyOf(reports[0]!)).toBe('broadcaster.stream_health.transcode.c.clip')
})

it('a segment that nobody delivered is a report without success', () => {
  const lost = { type: 'segment_lost', manifestId: ID, seq: 7, outcome: 'fallback', reason: 'all_failed' } as const
  expect(taken([1_000, received], [1_010, submitted(A, 1)], [1_400, failed], [1_500, lost])).toMatchObject([
    { success: false, latencyMs: 500, attempts: [{ error: 'it hung' }] },
  ])
})

it('segments of a stream that ended, and of one that was never begun, are no report', () => {
  const ended = { type: 'stream_ended', manifestId: ID, reason: 'finished' } as const
  expect(taken([1_000, received], [1_100, ended], [1_200, transcoded])).toEqual([])
  expect(taken([1_200, transcoded])).toEqual([])
})

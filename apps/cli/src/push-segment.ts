import { errorText, MillraceError, withRetry } from '@millrace/base'
import { parseMultipart } from '@millrace/base/node'
import { HEADER, type ManifestId } from '@millrace/wire'

/** What came back for one pushed segment. */
export type PushedResult = {
  readonly renditions: readonly { readonly name: string; readonly data: Uint8Array }[]
  readonly feeWei: bigint
  readonly tickets: number
  readonly orchestrator: string | undefined
}

export type SegmentToPush = {
  readonly manifestId: ManifestId
  readonly seq: number
  readonly data: Uint8Array
  readonly durationMs: number
  readonly container: 'mpegts' | 'mp4'
}

const TIMEOUT_MS = 120_000

/** Pushes a segment to a gateway and waits for its renditions; a gateway without a free session is asked again. */
export const pushSegment = (gatewayUrl: string, segment: SegmentToPush): Promise<PushedResult> =>
  withRetry(() => pushOnce(gatewayUrl, segment), { attempts: 5, baseMs: 1_000 })

async function pushOnce(gatewayUrl: string, segment: SegmentToPush): Promise<PushedResult> {
  const { manifestId, seq, data, durationMs, container } = segment
  const extension = container === 'mp4' ? 'mp4' : 'ts'
  let response: Response
  try {
    response = await fetch(new URL(`/live/${manifestId}/${seq}.${extension}`, gatewayUrl), {
      method: 'PUT',
      headers: { accept: 'multipart/mixed', [HEADER.contentDuration]: String(Math.max(1, Math.round(durationMs))) },
      body: data as Uint8Array<ArrayBuffer>,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
  } catch (cause) {
    throw new MillraceError(
      'gateway_unreachable',
      `the gateway at ${gatewayUrl} does not answer: ${errorText(cause)}`,
      { cause, retryable: true },
    )
  }
  const body = new Uint8Array(await response.arrayBuffer())
  if (!response.ok) {
    const text = Buffer.from(body.subarray(0, 500)).toString('utf8').trim()
    throw new MillraceError('push_failed', `the gateway refused segment ${seq}: ${response.status} ${text}`, {
      retryable: response.status === 503,
    })
  }
  const boundary = /boundary=([^;]+)/.exec(response.headers.get('content-type') ?? '')?.[1]
  if (!boundary) throw new MillraceError('push_failed', `the gateway sent no renditions of segment ${seq}: see its log`)
  return {
    renditions: parseMultipart(body, boundary).map(({ headers, body: rendition }) => ({
      name: headers[HEADER.renditionName.toLowerCase()] ?? 'rendition',
      data: rendition,
    })),
    feeWei: BigInt(response.headers.get('millrace-fee-wei') ?? '0'),
    tickets: Number(response.headers.get('millrace-tickets') ?? '0'),
    orchestrator: response.headers.get('millrace-orchestrator') ?? undefined,
  }
}

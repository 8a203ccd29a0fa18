import { parseMultipart } from '@millrace/base/node'

export type Pushed = {
  readonly status: number
  readonly text: string
  readonly feeWei: bigint
  readonly orchestrator: string | undefined
  readonly renditions: ReadonlyMap<string, Uint8Array>
}

/** Pushes one segment to a gateway and takes its renditions, as an application would. */
export async function push(
  gatewayUrl: string,
  segment: { stream: string; seq: number; data: Uint8Array; durationMs: number },
): Promise<Pushed> {
  const response = await fetch(`${gatewayUrl}/live/${segment.stream}/${segment.seq}.ts`, {
    method: 'POST',
    headers: { accept: 'multipart/mixed', 'content-duration': String(Math.round(segment.durationMs)) },
    body: segment.data as Uint8Array<ArrayBuffer>,
    signal: AbortSignal.timeout(60_000),
  })
  const body = new Uint8Array(await response.arrayBuffer())
  const boundary = /boundary=([^;]+)/.exec(response.headers.get('content-type') ?? '')?.[1]
  const parts = response.ok && boundary ? parseMultipart(body, boundary) : []
  return {
    status: response.status,
    text: response.ok ? '' : Buffer.from(body).toString('utf8').trim(),
    feeWei: BigInt(response.headers.get('millrace-fee-wei') ?? '0'),
    orchestrator: response.headers.get('millrace-orchestrator') ?? undefined,
    renditions: new Map(parts.map(({ headers, body: data }) => [headers['rendition-name'] ?? '', data])),
  }
}

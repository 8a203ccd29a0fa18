import type { Span } from './segment-spans.ts'

/** The body of an OTLP/HTTP request in JSON (opentelemetry-proto, trace service), with one resource for each node. */
export function encodeSpans(spans: readonly Span[], version: string): string {
  const nodes = [...new Set(spans.map(({ nodeId }) => nodeId))]
  return JSON.stringify({
    resourceSpans: nodes.map((nodeId) => ({
      resource: {
        attributes: attributes({
          'service.name': 'millrace',
          'service.instance.id': nodeId,
          'service.version': version,
        }),
      },
      scopeSpans: [
        { scope: { name: 'millrace', version }, spans: spans.filter((span) => span.nodeId === nodeId).map(encodeSpan) },
      ],
    })),
  })
}

const INTERNAL = 1
const [UNSET, ERROR] = [0, 2]

const encodeSpan = (span: Span): unknown => ({
  traceId: span.traceId,
  spanId: span.spanId,
  ...(span.parentSpanId !== undefined && { parentSpanId: span.parentSpanId }),
  name: span.name,
  kind: INTERNAL,
  startTimeUnixNano: nanoseconds(span.startMs),
  endTimeUnixNano: nanoseconds(Math.max(span.startMs, span.endMs)),
  attributes: attributes(span.attributes),
  status: span.error === undefined ? { code: UNSET } : { code: ERROR, message: span.error },
})

const nanoseconds = (ms: number): string => (BigInt(Math.round(ms * 1_000)) * 1_000n).toString()

const attributes = (values: Readonly<Record<string, string | number>>): unknown =>
  Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  }))

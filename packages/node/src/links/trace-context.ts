/** A W3C trace context, or nothing when a peer sends something else. */
export const traceOf = (text: string | undefined): string | undefined =>
  text !== undefined && /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(text) ? text : undefined

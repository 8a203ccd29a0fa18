/** What the network tells about itself beside events: where to publish, and whether it pays. */
export type NetworkInfo = {
  readonly rtmpUrl: string
  readonly gatewayUrl: string
  readonly offchain: boolean
  /** Where the page is served by HTTPS as well. */
  readonly securePort?: number
  /** True where nobody publishes there without a key. */
  readonly asksKey?: boolean
}

/** Asks the network about itself; undefined when it does not answer. */
export async function readInfo(): Promise<NetworkInfo | undefined> {
  try {
    const response = await fetch('/api/network')
    return response.ok ? parseInfo(await response.json()) : undefined
  } catch {
    return undefined
  }
}

/** Checks an answer of `/api/network`; undefined when it is not one. */
export function parseInfo(answer: unknown): NetworkInfo | undefined {
  if (answer === null || typeof answer !== 'object') return undefined
  const { rtmpUrl, gatewayUrl, offchain, securePort, asksKey } = answer as Record<string, unknown>
  if (typeof rtmpUrl !== 'string' || typeof gatewayUrl !== 'string') return undefined
  return {
    rtmpUrl,
    gatewayUrl,
    offchain: offchain === true,
    ...(typeof securePort === 'number' && { securePort, asksKey: asksKey === true }),
  }
}

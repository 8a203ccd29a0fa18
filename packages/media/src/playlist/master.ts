/** A rendition as a master playlist lists it. */
export type MasterVariant = {
  readonly uri: string
  /** Peak bit rate of the whole, picture, sound and container, in bits a second. */
  readonly bandwidthBps: number
  readonly averageBps?: number
  readonly width?: number | undefined
  readonly height?: number | undefined
  readonly fps?: number | undefined
  /** RFC 6381, as `avc1.64001f,mp4a.40.2`. */
  readonly codecs?: string | undefined
}

/** The master playlist (RFC 8216 section 4.3.4), the renditions in the order given. */
export function masterPlaylist(variants: readonly MasterVariant[]): string {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:3']
  for (const variant of variants) {
    const attributes = ['PROGRAM-ID=0', `BANDWIDTH=${Math.max(1, Math.round(variant.bandwidthBps))}`]
    if (variant.averageBps) attributes.push(`AVERAGE-BANDWIDTH=${Math.round(variant.averageBps)}`)
    if (variant.width && variant.height) attributes.push(`RESOLUTION=${variant.width}x${variant.height}`)
    if (variant.fps) attributes.push(`FRAME-RATE=${variant.fps.toFixed(3)}`)
    if (variant.codecs) attributes.push(`CODECS="${variant.codecs.replaceAll('"', '')}"`)
    lines.push(`#EXT-X-STREAM-INF:${attributes.join(',')}`, variant.uri)
  }
  return `${lines.join('\n')}\n`
}

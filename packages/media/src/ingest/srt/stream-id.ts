/** What a caller asks for. */
export type SrtAsk = {
  readonly mode: 'publish' | 'request' | 'other'
  /** As the path of an RTMP publisher: `[live/]name[/key]`. */
  readonly path: string
}

/**
 * Reads a stream id: `#!::r=live/NAME,m=publish` of libsrt's access control guideline, `publish:NAME/KEY` as other servers have it,
 * or a bare path. In the first form `s` may hold the key of the stream.
 */
export function readStreamId(text: string): SrtAsk {
  if (text.startsWith('#!::')) {
    const fields = new Map<string, string>()
    for (const part of text.slice(4).split(',')) {
      const [name, ...value] = part.split('=')
      if (name) fields.set(name, value.join('='))
    }
    const path = fields.get('r') ?? ''
    const key = fields.get('s')
    // Without a mode a caller wants to read (section "Standard keys" of the guideline); encoders that only send leave it out all the same.
    return { mode: modeOf(fields.get('m') ?? 'publish'), path: key === undefined ? path : `${path}/${key}` }
  }
  const [word, ...rest] = text.split(':')
  if (rest.length > 0 && (word === 'publish' || word === 'read' || word === 'request' || word === 'play'))
    return { mode: word === 'publish' ? 'publish' : 'request', path: rest.join(':') }
  return { mode: 'publish', path: text }
}

const modeOf = (word: string): SrtAsk['mode'] =>
  word === 'publish' ? 'publish' : word === 'request' ? 'request' : 'other'

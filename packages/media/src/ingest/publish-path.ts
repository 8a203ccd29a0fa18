/** The stream that a publisher asks for: its manifest id and its key, either empty when the path names none. */
export type PublishPath = { readonly manifestId: string; readonly key: string }

const MAX_PART = 128

/**
 * Reads `rtmp://host/[live/|stream/]manifestId[/key]` (wire.md 6.1), whether a client puts the slash into the app or the name.
 * Undefined when a part is too long or holds characters that no manifest id or key may hold.
 */
export function parsePublishPath(app: string, name: string): PublishPath | undefined {
  const parts = `${app}/${name.split('?')[0]}`.split('/').filter((part) => part !== '')
  // A bare `live` or `stream` is the application that encoders ask for, not a stream of that name.
  const prefixed = parts[0] === 'live' || parts[0] === 'stream'
  if (prefixed && (parts.length > 1 || name.replaceAll('/', '') === '')) parts.shift()
  if (parts.length > 2) return undefined
  for (const part of parts)
    if (part.length > MAX_PART || !/^[A-Za-z0-9_~-][A-Za-z0-9._~-]*$/.test(part)) return undefined
  return { manifestId: parts[0] ?? '', key: parts[1] ?? '' }
}

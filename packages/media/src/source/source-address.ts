import { MillraceError } from '@millrace/base'

/** How a source is read: by path, or over the network by one of these protocols. */
export type SourceKind = 'file' | 'http' | 'srt' | 'rtsp' | 'rtmp'

const KINDS: Readonly<Record<string, SourceKind>> = {
  file: 'file',
  http: 'http',
  https: 'http',
  srt: 'srt',
  rtsp: 'rtsp',
  rtsps: 'rtsp',
  rtmp: 'rtmp',
}

/** The kind of a path or address; throws `bad_source_options` for every protocol that is not read. */
export function sourceKind(path: string): SourceKind {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(path)?.[1]?.toLowerCase()
  // A single letter is a drive of Windows.
  if (scheme === undefined || scheme.length === 1) return 'file'
  const kind = KINDS[scheme]
  if (kind && (kind === 'file' || URL.canParse(path))) return kind
  throw new MillraceError(
    'bad_source_options',
    kind
      ? 'the address of the source cannot be read: write it as scheme://host:port/path'
      : `${scheme} addresses are not read: name a file, or an http, https, srt, rtsp, rtsps or rtmp address`,
  )
}

/** An address for messages and logs: without what may be secret in it. */
export function sourceText(path: string): string {
  if (sourceKind(path) === 'file') return path
  const { protocol, host, pathname } = new URL(path)
  return `${protocol}//${host}${pathname}`
}

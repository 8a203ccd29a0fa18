declare const kind: unique symbol
type Identifier<Kind extends string> = string & { readonly [kind]: Kind }

/** Names one live stream or one file job on the gateway and on the wire (ManifestID of the docs). */
export type ManifestId = Identifier<'manifestId'>
/** The public name by which viewers play a stream. */
export type PlaybackId = Identifier<'playbackId'>
/** The secret by which a publisher may send a stream; never logged. */
export type StreamKey = Identifier<'streamKey'>
/** An orchestrator's session with one gateway stream (AuthToken.session_id on the wire). */
export type SessionId = Identifier<'sessionId'>
/** Names one running node in events and on the page. */
export type NodeId = Identifier<'nodeId'>

/** An Ethereum address as 0x and 40 lower-case hexadecimal digits. */
export type Address = `0x${string}`

/** A gateway accepts these characters in a manifest id: letters, digits, `_`, `-`, `.`, `~`; 1 to 128 of them, not starting with a dot. */
export const isManifestId = (text: string): text is ManifestId => /^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}$/.test(text)

/** Marks a text that was checked, or made here, as an identifier of this kind. */
export const manifestId = (text: string): ManifestId => text as ManifestId
export const playbackId = (text: string): PlaybackId => text as PlaybackId
export const streamKey = (text: string): StreamKey => text as StreamKey
export const sessionId = (text: string): SessionId => text as SessionId
export const nodeId = (text: string): NodeId => text as NodeId

/** Splits a stream path into manifest id and the rest (a rendition or key) at the first slash. */
export function splitStreamId(path: string): { readonly manifestId: string; readonly rest: string } {
  const at = path.indexOf('/')
  return at < 0 ? { manifestId: path, rest: '' } : { manifestId: path.slice(0, at), rest: path.slice(at + 1) }
}

import { concatBytes, fromHex, type Hex, keccak256, MillraceError, toHex, utf8 } from '@millrace/base'
import { MAX_PROFILES, profilesHash, renditionsHash, type VideoProfile } from '@millrace/wire'

/** All that a juror needs: what came in, what was asked, what went out. */
export type Evidence = {
  readonly source: Uint8Array
  readonly profiles: readonly VideoProfile[]
  readonly renditions: readonly Uint8Array[]
}

/** The three hashes of a commitment, or of a dispute on the chain. */
export type EvidenceHashes = { readonly sourceHash: Hex; readonly profilesHash: Hex; readonly renditionsHash: Hex }

/** The largest evidence that is taken: a source of five minutes at 8 Mb/s would be larger, a segment of a live stream never is. */
export const MAX_EVIDENCE_BYTES = 64 * 1024 * 1024
const MAGIC = utf8('MLEV1')
const MAX_PROFILE_BYTES = 64 * 1024

/** The name of a piece of evidence: it follows from the hashes on the chain, so nobody can put something else under it. */
export const evidenceKey = (hashes: EvidenceHashes): string =>
  toHex(
    keccak256(concatBytes(fromHex(hashes.sourceHash), fromHex(hashes.profilesHash), fromHex(hashes.renditionsHash))),
  ).slice(2)

export const hashesOf = ({ source, profiles, renditions }: Evidence): EvidenceHashes => ({
  sourceHash: toHex(keccak256(source)),
  profilesHash: toHex(profilesHash(profiles)),
  renditionsHash: toHex(renditionsHash(renditions.map((data) => keccak256(data)))),
})

/** One file: a mark, then profiles as JSON, source and renditions, each behind its length. */
export function encodeEvidence({ source, profiles, renditions }: Evidence): Uint8Array {
  const pieces = [utf8(JSON.stringify(profiles)), source, ...renditions]
  return concatBytes(MAGIC, ...pieces.flatMap((piece) => [lengthOf(piece), piece]))
}

/** Reads evidence of this name; throws `bad_evidence` for anything that has another hash, is cut off or too large. */
export function decodeEvidence(bytes: Uint8Array, key: string): Evidence {
  if (bytes.length > MAX_EVIDENCE_BYTES) throw bad('it is too large')
  if (!Buffer.from(bytes.subarray(0, MAGIC.length)).equals(MAGIC)) throw bad('it begins with something else')
  const pieces: Uint8Array[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = MAGIC.length; at < bytes.length; ) {
    if (at + 4 > bytes.length || pieces.length > MAX_PROFILES + 1) throw bad('it is cut off, or has too many pieces')
    const end = at + 4 + view.getUint32(at)
    if (end > bytes.length) throw bad('it is cut off')
    pieces.push(bytes.subarray(at + 4, end))
    at = end
  }
  const [json, source, ...renditions] = pieces
  if (!json || !source || json.length > MAX_PROFILE_BYTES) throw bad('pieces are missing')
  let evidence: Evidence
  let hashes: EvidenceHashes
  try {
    evidence = { source, profiles: JSON.parse(Buffer.from(json).toString('utf8')), renditions }
    hashes = hashesOf(evidence)
  } catch (cause) {
    throw bad('its profiles cannot be read', cause)
  }
  if (evidenceKey(hashes) !== key) throw bad('it is evidence of something else')
  if (evidence.profiles.length !== renditions.length) throw bad('it has not one rendition for each profile')
  return evidence
}

function lengthOf(piece: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, piece.length)
  return bytes
}

const bad = (why: string, cause?: unknown): MillraceError =>
  new MillraceError('bad_evidence', `the evidence of a dispute cannot be used: ${why}`, { cause })

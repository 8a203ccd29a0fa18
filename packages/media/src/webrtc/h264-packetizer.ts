import { NAL, nalType, splitAnnexB } from '../h264/nal.ts'

/** Leaves room for RTP, SRTP and the tunnels of home networks in 1,280 bytes, the least that every IPv6 link carries. */
export const MAX_PAYLOAD = 1_180

export type RtpPayload = { readonly payload: Uint8Array; readonly marker: boolean }

/**
 * Cuts an Annex B picture into RTP payloads (RFC 6184): parameter sets together in a STAP-A, large NAL units as FU-A.
 * A picture may have several slices: only its last packet carries the marker.
 */
export function packetizeH264(picture: Uint8Array, maxPayload = MAX_PAYLOAD): RtpPayload[] {
  const payloads: Uint8Array[] = []
  const sets: Uint8Array[] = []
  const flushSets = () => {
    if (sets.length === 1) payloads.push(sets[0]!)
    else if (sets.length > 1) payloads.push(stapA(sets))
    sets.length = 0
  }
  for (const nal of splitAnnexB(picture)) {
    const type = nal.length > 0 ? nalType(nal) : 0
    // Delimiters and fillers say nothing that RTP does not say.
    if (type === 0 || type === NAL.aud || type === FILLER) continue
    const isSet = type === NAL.sps || type === NAL.pps || type === NAL.sei
    if (isSet && nal.length + 2 <= maxPayload - 1) {
      const size = sets.reduce((sum, set) => sum + set.length + 2, 1)
      if (size + nal.length + 2 > maxPayload) flushSets()
      sets.push(nal)
      continue
    }
    flushSets()
    if (nal.length <= maxPayload) payloads.push(nal)
    else payloads.push(...fuA(nal, maxPayload))
  }
  flushSets()
  return payloads.map((payload, i) => ({ payload, marker: i === payloads.length - 1 }))
}

const FILLER = 12

function stapA(nals: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(nals.reduce((sum, nal) => sum + 2 + nal.length, 1))
  // The reference bits are the highest of all units (RFC 6184 section 5.7.1).
  out[0] = Math.max(...nals.map((nal) => nal[0]! & 0x60)) | 24
  let at = 1
  for (const nal of nals) {
    out[at] = nal.length >> 8
    out[at + 1] = nal.length & 0xff
    out.set(nal, at + 2)
    at += 2 + nal.length
  }
  return out
}

function* fuA(nal: Uint8Array, maxPayload: number): Generator<Uint8Array> {
  const indicator = (nal[0]! & 0xe0) | 28
  const type = nal[0]! & 0x1f
  const room = maxPayload - 2
  for (let at = 1; at < nal.length; at += room) {
    const piece = nal.subarray(at, at + room)
    const out = new Uint8Array(2 + piece.length)
    out[0] = indicator
    out[1] = (at === 1 ? 0x80 : 0) | (at + room >= nal.length ? 0x40 : 0) | type
    out.set(piece, 2)
    yield out
  }
}

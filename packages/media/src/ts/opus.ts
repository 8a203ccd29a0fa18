/** "Opus" as a registration descriptor has it. */
const FORMAT = [0x4f, 0x70, 0x75, 0x73] as const
const REGISTRATION = 0x05
const EXTENSION = 0x7f
/** Of the DVB extension descriptor, for what the provider defines. */
const PROVIDER_DEFINED = 0x80
/** The 11 bits 0x3ff at the front of a control header. */
const PREFIX = 0x7fe0
const START_TRIM = 0x10
const END_TRIM = 0x08
const EXTENDED = 0x04
/** A second is 50 packets of 20 ms; a PES packet never holds so many. */
const MAX_UNITS = 100

/**
 * What the program map says of Opus in a private stream: a registration descriptor and the channel configuration
 * (the mapping of "Encapsulation of Opus in MPEG-TS", which FFmpeg, GStreamer and go-livepeer's runners write).
 */
export const opusDescriptors = (channels: number): readonly number[] => [
  ...[REGISTRATION, 4, ...FORMAT],
  ...[EXTENSION, 2, PROVIDER_DEFINED, channels],
]

/** True where a stream's descriptors say that it is Opus. */
export function describesOpus(descriptors: Uint8Array): boolean {
  for (let at = 0; at + 2 <= descriptors.length; at += 2 + descriptors[at + 1]!)
    if (descriptors[at] === REGISTRATION && FORMAT.every((byte, i) => descriptors[at + 2 + i] === byte)) return true
  return false
}

/** What stands before a packet of so many bytes. */
export function opusControlHeader(size: number): Uint8Array {
  const header = new Uint8Array(3 + Math.floor(size / 255)).fill(0xff)
  header[0] = PREFIX >> 8
  header[1] = PREFIX & 0xff
  header[header.length - 1] = size % 255
  return header
}

/** The packets of a PES packet's payload; what is damaged, and what comes after it, is left out. */
export function readOpusUnits(payload: Uint8Array): readonly Uint8Array[] {
  const units: Uint8Array[] = []
  let at = 0
  while (at + 3 <= payload.length && units.length < MAX_UNITS) {
    const flags = payload[at + 1]!
    if (((payload[at]! << 8) | (flags & 0xe0)) !== PREFIX) break
    at += 2
    let size = 0
    for (;;) {
      const byte = payload[at++]
      if (byte === undefined) return units
      size += byte
      if (byte < 255) break
    }
    if (flags & START_TRIM) at += 2
    if (flags & END_TRIM) at += 2
    if (flags & EXTENDED) at += 1 + (payload[at] ?? 0)
    if (size === 0 || at + size > payload.length) break
    units.push(payload.slice(at, at + size))
    at += size
  }
  return units
}

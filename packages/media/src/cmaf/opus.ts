/** Opus always counts its time at this rate, whatever was recorded (RFC 7845 section 4). */
export const OPUS_RATE = 48_000

/** Whether a packet is stereo, by the first byte (RFC 6716 section 3.1). */
export const opusChannels = (packet: Uint8Array): number => ((packet[0] ?? 0) & 4 ? 2 : 1)

/** Samples at 48 kHz that a packet lasts (RFC 6716 sections 3.1 and 3.2). */
export function opusSamples(packet: Uint8Array): number {
  const toc = packet[0] ?? 0
  const config = toc >> 3
  const samples =
    config < 12
      ? [480, 960, 1920, 2880][config & 3]!
      : config < 16
        ? [480, 960][config & 1]!
        : [120, 240, 480, 960][config & 3]!
  const code = toc & 3
  const frames = code === 0 ? 1 : code < 3 ? 2 : (packet[1] ?? 1) & 0x3f
  return samples * Math.max(1, frames)
}

/** The sample rates of ISO 14496-3 table 1.18, by index. */
export const SAMPLE_RATES = [
  96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
] as const

/** What an AudioSpecificConfig or ADTS header says. */
export type AacConfig = { readonly objectType: number; readonly rateIndex: number; readonly channels: number }

/** Samples of one AAC frame; HE-AAC frames hold twice as many at twice the signalled rate, so the duration is the same. */
export const AAC_FRAME_SAMPLES = 1024

export const aacSampleRate = (config: AacConfig): number => SAMPLE_RATES[config.rateIndex] ?? 48000

/** The duration of one AAC frame in 90 kHz ticks, not rounded. */
export const aacFrameTicks = (config: AacConfig): number => (AAC_FRAME_SAMPLES * 90_000) / aacSampleRate(config)

/** Reads an AudioSpecificConfig (ISO 14496-3 section 1.6.2.1); undefined when it is none that ADTS can carry. */
export function decodeAudioConfig(data: Uint8Array): AacConfig | undefined {
  if (data.length < 2) return undefined
  const objectType = data[0]! >> 3
  const rateIndex = ((data[0]! & 7) << 1) | (data[1]! >> 7)
  const channels = (data[1]! >> 3) & 15
  if (objectType === 0 || objectType === 31 || rateIndex >= SAMPLE_RATES.length) return undefined
  return { objectType, rateIndex, channels: channels === 0 ? 2 : channels }
}

export function encodeAudioConfig(config: AacConfig): Uint8Array {
  return Uint8Array.of(
    (config.objectType << 3) | (config.rateIndex >> 1),
    ((config.rateIndex & 1) << 7) | (config.channels << 3),
  )
}

/** The 7 byte ADTS header of a raw AAC frame (ISO 13818-7 section 6.2). HE-AAC is signalled as LC, as ADTS demands. */
export function adtsHeader(config: AacConfig, frameLength: number): Uint8Array {
  const length = frameLength + 7
  const profile = config.objectType >= 1 && config.objectType <= 4 ? config.objectType - 1 : 1
  return Uint8Array.of(
    0xff,
    0xf1,
    (profile << 6) | (config.rateIndex << 2) | (config.channels >> 2),
    ((config.channels & 3) << 6) | (length >> 11),
    (length >> 3) & 0xff,
    ((length & 7) << 5) | 0x1f,
    0xfc,
  )
}

export type AdtsFrame = { readonly config: AacConfig; readonly start: number; readonly end: number }

/** The header at this place and where its frame lies, or undefined when there is none; the frame may end after the data. */
export function readAdts(data: Uint8Array, at: number): AdtsFrame | undefined {
  if (at + 7 > data.length || data[at] !== 0xff || (data[at + 1]! & 0xf6) !== 0xf0) return undefined
  const headerSize = data[at + 1]! & 1 ? 7 : 9
  const rateIndex = (data[at + 2]! >> 2) & 15
  const length = ((data[at + 3]! & 3) << 11) | (data[at + 4]! << 3) | (data[at + 5]! >> 5)
  if (rateIndex >= SAMPLE_RATES.length || length < headerSize) return undefined
  const channels = ((data[at + 2]! & 1) << 2) | (data[at + 3]! >> 6)
  const config = { objectType: (data[at + 2]! >> 6) + 1, rateIndex, channels: channels === 0 ? 2 : channels }
  return { config, start: at + headerSize, end: at + length }
}

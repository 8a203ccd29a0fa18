import { checkCount, checkText, decodeMessage, encodeMessage } from '../codec.ts'
import { MAX_CAPABILITY_WORDS, MAX_LIST_ITEMS } from '../limits.ts'
import { type Capabilities as CapabilitiesProto, CapabilitiesSchema } from '../proto/generated/lp_rpc_pb.ts'
import { WireError } from '../wire-error.ts'
import type { VideoCodec, VideoProfile } from './video-profile.ts'

/**
 * The numbers of the capabilities; they are bit positions on the wire and are never renumbered. 13 is a hole.
 * 120 is ours and far from upstream's next ones; workers tell it in a field of its own (RegisterRequest).
 */
export const CAPABILITY = {
  h264: 0,
  mpegts: 1,
  mp4: 2,
  fractionalFramerates: 3,
  storageDirect: 4,
  storageS3: 5,
  storageGcs: 6,
  h264Baseline: 7,
  h264Main: 8,
  h264High: 9,
  h264ConstrainedHigh: 10,
  gop: 11,
  authToken: 12,
  mpeg7Signature: 14,
  hevcDecode: 15,
  hevcEncode: 16,
  vp8Decode: 17,
  vp9Decode: 18,
  vp8Encode: 19,
  vp9Encode: 20,
  h264DecodeYuv444Bits8: 21,
  h264DecodeYuv422Bits8: 22,
  h264DecodeYuv444Bits10: 23,
  h264DecodeYuv422Bits10: 24,
  h264DecodeYuv420Bits10: 25,
  segmentSlicing: 26,
  textToImage: 27,
  imageToImage: 28,
  imageToVideo: 29,
  upscale: 30,
  audioToText: 31,
  segmentAnything2: 32,
  llm: 33,
  imageToText: 34,
  liveVideoToVideo: 35,
  textToSpeech: 36,
  byoc: 37,
  av1Encode: 120,
} as const
export type Capability = keyof typeof CAPABILITY

/** The names by which people know the capabilities, by number. */
export const CAPABILITY_NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'H.264'],
  [1, 'MPEGTS'],
  [2, 'MP4'],
  [3, 'Fractional framerates'],
  [4, 'Storage direct'],
  [5, 'Storage S3'],
  [6, 'Storage GCS'],
  [7, 'H264 Baseline profile'],
  [8, 'H264 Main profile'],
  [9, 'H264 High profile'],
  [10, 'H264 Constrained, Contained High profile'],
  [11, 'GOP'],
  [12, 'Auth token'],
  [14, 'MPEG7 signature'],
  [15, 'HEVC decode'],
  [16, 'HEVC encode'],
  [17, 'VP8 decode'],
  [18, 'VP9 decode'],
  [19, 'VP8 encode'],
  [20, 'VP9 encode'],
  [21, 'H264 Decode YUV444 8-bit'],
  [22, 'H264 Decode YUV422 8-bit'],
  [23, 'H264 Decode YUV444 10-bit'],
  [24, 'H264 Decode YUV422 10-bit'],
  [25, 'H264 Decode YUV420 10-bit'],
  [26, 'Segment slicing'],
  [27, 'Text to image'],
  [28, 'Image to image'],
  [29, 'Image to video'],
  [30, 'Upscale'],
  [31, 'Audio to text'],
  [32, 'Segment anything 2'],
  [33, 'Llm'],
  [34, 'Image to text'],
  [35, 'Live video to video'],
  [36, 'Text to speech'],
  [37, 'byoc'],
  [120, 'AV1 encode'],
])

/** A set of capabilities: bit n is capability n. */
export type CapabilityBits = bigint

/** The set of these capability numbers; negative numbers mean unused or invalid and are left out. */
export function capabilityBits(numbers: Iterable<number>): CapabilityBits {
  let bits = 0n
  for (const n of numbers) {
    if (n < 0) continue
    if (!Number.isInteger(n) || n >= MAX_CAPABILITY_WORDS * 64)
      throw new WireError('invalid_capability', `a capability number must be below ${MAX_CAPABILITY_WORDS * 64}`)
    bits |= 1n << BigInt(n)
  }
  return bits
}

/** The number of a capability by its name as prices and pipelines are named, `text-to-image` for example; undefined for none. */
export function capabilityOfPipeline(pipeline: string): number | undefined {
  const wanted = pipeline.toLowerCase().replaceAll('-', ' ')
  for (const [capability, name] of CAPABILITY_NAMES)
    if (name.toLowerCase().replaceAll('-', ' ') === wanted) return capability
  return undefined
}

/** The capability numbers in the set, ascending. */
export function capabilityNumbers(bits: CapabilityBits): number[] {
  const out: number[] = []
  for (let n = 0; bits > 0n; n++, bits >>= 1n) if (bits & 1n) out.push(n)
  return out
}

export const hasCapability = (bits: CapabilityBits, capability: number): boolean =>
  capability >= 0 && ((bits >> BigInt(capability)) & 1n) === 1n

/** True when the second set holds everything the first one holds. */
export const includesCapabilities = (wanted: CapabilityBits, offered: CapabilityBits): boolean =>
  (wanted & ~offered) === 0n

/** What every orchestrator can do. */
export const DEFAULT_CAPABILITIES: CapabilityBits = capabilityBits([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 26])
/** What an orchestrator that tells no capabilities is taken to be able to do. */
export const LEGACY_CAPABILITIES: CapabilityBits = capabilityBits([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])

/** The capabilities of a node that encodes these codecs, beside what every one can do. */
export const codecCapabilities = (codecs: Iterable<VideoCodec>): CapabilityBits =>
  capabilityBits(Array.from(codecs, (codec) => ENCODE[codec]))

/** The codecs that a set of capabilities says are encoded. */
export const codecsOf = (bits: CapabilityBits): readonly VideoCodec[] =>
  (Object.keys(ENCODE) as VideoCodec[]).filter((codec) => hasCapability(bits, ENCODE[codec]))

/** What is said or asked about one AI model. */
export type ModelConstraint = {
  readonly warm: boolean
  readonly capacity: number
  readonly runnerVersion: string
  readonly capacityInUse: number
}
/** Models by their id. */
export type CapabilityConstraints = { readonly models: ReadonlyMap<string, ModelConstraint> }
export type Constraints = {
  /** The lowest version a gateway accepts; empty for any. */
  readonly minVersion: string
  readonly perCapability: ReadonlyMap<number, CapabilityConstraints>
}

/** What a node can do, or what a job needs. */
export type Capabilities = {
  readonly bits: CapabilityBits
  /** What the other side must be able to do. */
  readonly mandatories: CapabilityBits
  /** Instances by capability number; a capability that is missing here has one. */
  readonly capacities: ReadonlyMap<number, number>
  readonly version: string
  readonly constraints?: Constraints
}

export const NO_CONSTRAINTS: Constraints = { minVersion: '', perCapability: new Map() }

/** Capabilities with this set and nothing else said. */
export const capabilitiesOf = (bits: CapabilityBits, more: Partial<Capabilities> = {}): Capabilities => ({
  bits,
  mandatories: 0n,
  capacities: new Map(),
  version: '',
  ...more,
})

/** Why an orchestrator cannot serve what a gateway needs. */
export type Incompatibility =
  | { readonly reason: 'version'; readonly minVersion: string; readonly version: string }
  | { readonly reason: 'mandatories'; readonly missing: readonly number[] }
  | { readonly reason: 'constraints'; readonly capability: number; readonly modelId: string }
  | { readonly reason: 'capabilities'; readonly missing: readonly number[] }

/** The first reason why the orchestrator cannot serve what the gateway needs, or undefined when it can; rules in upstream's order. */
export function incompatibility(gateway: Capabilities, orchestrator: Capabilities): Incompatibility | undefined {
  const minVersion = gateway.constraints?.minVersion ?? ''
  if (!meetsMinVersion(minVersion, orchestrator.version))
    return { reason: 'version', minVersion, version: orchestrator.version }

  const missing = orchestrator.mandatories & ~gateway.bits
  if (missing) return { reason: 'mandatories', missing: capabilityNumbers(missing) }

  for (const [capability, { models }] of gateway.constraints?.perCapability ?? []) {
    const offered = orchestrator.constraints?.perCapability.get(capability)
    if (!offered) continue
    for (const [modelId, wanted] of models)
      if (!servesModel(wanted, offered.models.get(modelId))) return { reason: 'constraints', capability, modelId }
  }

  const lacking = gateway.bits & ~orchestrator.bits
  if (lacking) return { reason: 'capabilities', missing: capabilityNumbers(lacking) }
  return undefined
}

/**
 * True when the orchestrator can serve what the gateway needs.
 * An orchestrator that tells no capabilities is an old one and is held to the legacy set.
 */
export const isCompatible = (gateway: Capabilities, orchestrator: Capabilities | undefined): boolean =>
  orchestrator
    ? incompatibility(gateway, orchestrator) === undefined
    : includesCapabilities(gateway.bits, LEGACY_CAPABILITIES)

function servesModel(wanted: ModelConstraint, offered: ModelConstraint | undefined): boolean {
  if (!offered) return false
  if (wanted.warm && !offered.warm) return false
  return wanted.runnerVersion === '' || meetsMinVersion(wanted.runnerVersion, offered.runnerVersion)
}

/**
 * True when the version is not below the minimum.
 * An empty or unreadable minimum accepts all; a missing, `undefined` or unreadable version fails;
 * a pre-release suffix of the version does not make it lower.
 */
export function meetsMinVersion(minVersion: string, version: string): boolean {
  if (minVersion === '') return true
  if (version === '' || version === 'undefined') return false
  const has = parseVersion(version)
  if (!has) return false
  const min = parseVersion(minVersion)
  if (!min) return true
  for (let i = 0; i < 3; i++) if (has[i] !== min[i]) return has[i]! > min[i]!
  return true
}

function parseVersion(text: string): number[] | undefined {
  const match =
    /^v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-.]+)?$/.exec(
      text,
    )
  return match ? [Number(match[1]), Number(match[2] ?? 0), Number(match[3] ?? 0)] : undefined
}

/** What is known about a job when its capabilities are worked out. */
export type JobParameters = {
  readonly profiles: readonly Pick<VideoProfile, 'format' | 'codec' | 'fpsDen' | 'profile' | 'gopMs'>[]
  readonly input?: {
    readonly codec: 'h264' | 'h265' | 'vp8' | 'vp9'
    readonly chroma?: '420' | '422' | '444'
    readonly colorDepth?: number
  }
  /** Where the orchestrator puts results; undefined sets no storage capability. */
  readonly storage?: 'direct' | 's3' | 'google'
  /** One of this many segments is verified; above 0 the orchestrator must make perceptual hashes. */
  readonly verificationFreq?: number
  readonly segmentSlicing?: boolean
}

/** The capabilities a transcoding job needs of its orchestrator, with the empty constraints that job headers carry. */
export function jobCapabilities(job: JobParameters): Capabilities {
  const needs: number[] = [CAPABILITY.authToken]
  if ((job.verificationFreq ?? 0) > 0) needs.push(CAPABILITY.mpeg7Signature)
  if (job.segmentSlicing) needs.push(CAPABILITY.segmentSlicing)
  needs.push(...inputCapabilities(job.input ?? { codec: 'h264' }))
  for (const profile of job.profiles) {
    needs.push(profile.format === 'mp4' ? CAPABILITY.mp4 : CAPABILITY.mpegts)
    needs.push(ENCODE[profile.codec])
    if ((profile.fpsDen ?? 0) > 0) needs.push(CAPABILITY.fractionalFramerates)
    if (profile.profile) needs.push(H264_PROFILE[profile.profile])
    if (profile.gopMs !== 0) needs.push(CAPABILITY.gop)
  }
  if (job.storage) needs.push(STORAGE[job.storage])
  return capabilitiesOf(capabilityBits(needs), { constraints: NO_CONSTRAINTS })
}

function inputCapabilities(input: NonNullable<JobParameters['input']>): number[] {
  if (input.codec !== 'h264') return [DECODE[input.codec]]
  const chroma = input.chroma ?? '420'
  const deep = (input.colorDepth ?? 8) > 8
  if (chroma === '420') return deep ? [CAPABILITY.h264, CAPABILITY.h264DecodeYuv420Bits10] : [CAPABILITY.h264]
  if (chroma === '422')
    return [CAPABILITY.h264, deep ? CAPABILITY.h264DecodeYuv422Bits10 : CAPABILITY.h264DecodeYuv422Bits8]
  return [CAPABILITY.h264, deep ? CAPABILITY.h264DecodeYuv444Bits10 : CAPABILITY.h264DecodeYuv444Bits8]
}

const DECODE = { h265: CAPABILITY.hevcDecode, vp8: CAPABILITY.vp8Decode, vp9: CAPABILITY.vp9Decode } as const
const ENCODE = {
  h264: CAPABILITY.h264,
  h265: CAPABILITY.hevcEncode,
  vp8: CAPABILITY.vp8Encode,
  vp9: CAPABILITY.vp9Encode,
  av1: CAPABILITY.av1Encode,
} as const
const H264_PROFILE = {
  baseline: CAPABILITY.h264Baseline,
  main: CAPABILITY.h264Main,
  high: CAPABILITY.h264High,
  constrainedHigh: CAPABILITY.h264ConstrainedHigh,
} as const
const STORAGE = { direct: CAPABILITY.storageDirect, s3: CAPABILITY.storageS3, google: CAPABILITY.storageGcs } as const

/** The 64-bit words of a set, lowest first, as the bit string carries them. */
export function bitstringWords(bits: CapabilityBits): bigint[] {
  const words: bigint[] = []
  for (; bits > 0n; bits >>= 64n) words.push(bits & 0xffffffffffffffffn)
  return words
}

/** Reads the words of a bit string; throws `too_many_items`. */
export function bitstringBits(words: readonly bigint[]): CapabilityBits {
  checkCount(words, 'capability bit string', MAX_CAPABILITY_WORDS)
  return words.reduceRight((bits, word) => (bits << 64n) | word, 0n)
}

export const encodeCapabilities = (capabilities: Capabilities): Uint8Array =>
  encodeMessage(CapabilitiesSchema, capabilitiesToProto(capabilities))

export const decodeCapabilities = (bytes: Uint8Array): Capabilities =>
  capabilitiesFromProto(decodeMessage(CapabilitiesSchema, bytes))

export const capabilitiesToProto = (capabilities: Capabilities) => ({
  bitstring: bitstringWords(capabilities.bits),
  mandatories: bitstringWords(capabilities.mandatories),
  capacities: Object.fromEntries(capabilities.capacities),
  version: capabilities.version,
  ...(capabilities.constraints && {
    constraints: {
      minVersion: capabilities.constraints.minVersion,
      PerCapability: Object.fromEntries(
        [...capabilities.constraints.perCapability].map(([capability, { models }]) => [
          capability,
          { models: Object.fromEntries(models) },
        ]),
      ),
    },
  }),
})

export function capabilitiesFromProto(message: CapabilitiesProto): Capabilities {
  const capacities = Object.entries(message.capacities)
  checkCount(capacities, 'capacities')
  return {
    bits: bitstringBits(message.bitstring),
    mandatories: bitstringBits(message.mandatories),
    capacities: new Map(capacities.map(([capability, count]) => [Number(capability), count])),
    version: checkText(message.version, 'version', 256),
    ...(message.constraints && {
      constraints: {
        minVersion: checkText(message.constraints.minVersion, 'minVersion', 256),
        perCapability: new Map(
          checkCount(Object.entries(message.constraints.PerCapability), 'PerCapability').map(
            ([capability, { models }]) => [
              Number(capability),
              {
                models: new Map(
                  checkCount(Object.entries(models), 'models').map(([id, model]) => [id, modelOf(model)]),
                ),
              },
            ],
          ),
        ),
      },
    }),
  }
}

const modelOf = ({ warm, capacity, runnerVersion, capacityInUse }: ModelConstraint): ModelConstraint => ({
  warm,
  capacity,
  runnerVersion,
  capacityInUse,
})

/** Adds the capabilities of a worker that joined; counts are capped at the list limit of a message. */
export function addCapabilities(total: Capabilities, joined: Capabilities): Capabilities {
  return withCapacities(total, (capability, count) => count + capacityOf(joined, capability), joined.bits)
}

/** Takes away the capabilities of a worker that left; a capability disappears when nobody has it. */
export function removeCapabilities(total: Capabilities, left: Capabilities): Capabilities {
  return withCapacities(total, (capability, count) => count - capacityOf(left, capability), 0n)
}

/** The number of instances of a capability: one for each set bit unless told otherwise, 0 when the bit is not set. */
export const capacityOf = (capabilities: Capabilities, capability: number): number =>
  hasCapability(capabilities.bits, capability) ? (capabilities.capacities.get(capability) ?? 1) : 0

function withCapacities(
  total: Capabilities,
  change: (capability: number, count: number) => number,
  more: CapabilityBits,
): Capabilities {
  const capacities = new Map<number, number>()
  for (const capability of capabilityNumbers(total.bits | more)) {
    const count = change(capability, capacityOf(total, capability))
    if (count > 0 && capacities.size < MAX_LIST_ITEMS) capacities.set(capability, count)
  }
  return { ...total, bits: capabilityBits(capacities.keys()), capacities }
}

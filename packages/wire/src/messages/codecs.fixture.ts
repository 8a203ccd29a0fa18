import { toHex } from '@millrace/base'
import fc from 'fast-check'
import { manifestId, sessionId } from '../identifiers.ts'
import { WireError } from '../wire-error.ts'
import {
  decodeNotifyAiJob,
  decodeRegisterAiWorkerRequest,
  encodeNotifyAiJob,
  encodeRegisterAiWorkerRequest,
} from './aiWorker.ts'
import type { Capabilities } from './capabilities.ts'
import {
  decodeDistributionReport,
  decodeDistributionRequest,
  encodeDistributionReport,
  encodeDistributionRequest,
} from './distribution.ts'
import { decodeEndTranscodingSessionRequest, encodeEndTranscodingSessionRequest } from './endTranscodingSession.ts'
import { encodeLiveMessage, type LiveMessage, LiveMessageReader } from './liveSegment.ts'
import { decodeNotifySegment, encodeNotifySegment } from './notifySegment.ts'
import {
  decodeOrchestratorInfo,
  encodeOrchestratorInfo,
  type OrchestratorInfo,
  orchestratorInfoFromBase64,
  orchestratorInfoToBase64,
} from './orchestratorInfo.ts'
import { decodeOrchestratorRequest, encodeOrchestratorRequest } from './orchestratorRequest.ts'
import { decodePayment, encodePayment, type Payment, type TicketParams } from './payment.ts'
import { decodePaymentResult, encodePaymentResult } from './paymentResult.ts'
import { decodePingPong, encodePingPong } from './pingPong.ts'
import {
  decodeMaxFloatRequest,
  decodeMaxFloatUpdate,
  decodeQueueTicketRequest,
  encodeMaxFloatRequest,
  encodeMaxFloatUpdate,
  encodeQueueTicketRequest,
} from './redeemer.ts'
import { decodeRegisterRequest, encodeRegisterRequest } from './registerRequest.ts'
import { decodeSegData, encodeSegData, type SegData } from './segData.ts'
import { decodeSegmentCommitment, encodeSegmentCommitment } from './segmentCommitment.ts'
import { decodeTranscodeResult, encodeTranscodeResult } from './transcodeResult.ts'
import type { VideoProfile } from './video-profile.ts'

// Arbitrary messages of every codec, for the property tests here and for the fuzzer.
const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const hash = bytesOf(32).map((bytes) => toHex(bytes))
const address = bytesOf(20).map((bytes) => toHex(bytes))
const signature = fc.oneof(bytesOf(65), fc.constant(new Uint8Array(0)))
const uint256 = fc.bigInt({ min: 0n, max: (1n << 256n) - 1n })
const int64 = fc.bigInt({ min: 0n, max: (1n << 63n) - 1n })
const anyInt64 = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n })
const seq = fc.maxSafeNat()
const uint32 = fc.nat(0xffffffff)
const nat = fc.nat(0x7fffffff)
const text = fc.string({ maxLength: 30, unit: 'grapheme' })
const positive = fc.integer({ min: 1, max: 0x7fffffff })
const session = text.map(sessionId)
/** Leaves out a part in half of the cases. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }, requiredKeys: (keyof T)[]) =>
  fc.record(model, { requiredKeys }) as fc.Arbitrary<T>

const priceInfo = fc.record(
  {
    pricePerUnit: anyInt64,
    pixelsPerUnit: anyInt64,
    capability: positive.map(Number),
    constraint: fc.string({ minLength: 1 }),
  },
  { requiredKeys: ['pricePerUnit', 'pixelsPerUnit'] },
)
const bits = fc.bigInt({ min: 0n, max: (1n << 300n) - 1n })
const capabilities: fc.Arbitrary<Capabilities> = record<Capabilities>(
  {
    bits,
    mandatories: bits,
    capacities: fc.array(fc.tuple(uint32, uint32), { maxLength: 5 }).map((entries) => new Map(entries)),
    version: text,
    constraints: fc.record({
      minVersion: text,
      perCapability: fc
        .array(
          fc.tuple(
            uint32,
            fc.record({
              models: fc
                .array(
                  fc.tuple(
                    fc.string({ minLength: 1 }).filter((id) => id !== '__proto__'),
                    fc.record({ warm: fc.boolean(), capacity: uint32, runnerVersion: text, capacityInUse: uint32 }),
                  ),
                  { maxLength: 3 },
                )
                .map((entries) => new Map(entries)),
            }),
          ),
          { maxLength: 3 },
        )
        .map((entries) => new Map(entries)),
    }),
  } as never,
  ['bits', 'mandatories', 'capacities', 'version'],
)
const authToken = fc.record({ token: fc.uint8Array({ maxLength: 64 }), sessionId: session, expiration: seq })
const expirationParams = fc.record({ creationRound: int64, creationRoundBlockHash: hash })
const paymentTicketParams = fc.record({
  recipient: address,
  faceValue: uint256,
  winProb: uint256,
  recipientRandHash: hash,
  seed: uint256,
  expirationBlock: uint256,
})
const ticketParams: fc.Arbitrary<TicketParams> = fc.oneof(
  paymentTicketParams,
  fc.tuple(paymentTicketParams, expirationParams).map(([params, more]) => ({ ...params, expirationParams: more })),
)
const tickets = fc.array(fc.record({ senderNonce: uint32, signature }), { maxLength: 5 })
const expectedPrice = fc.option(priceInfo).map((price) => (price ? { expectedPrice: price } : {}))
const payment: fc.Arbitrary<Payment> = fc.oneof(
  fc
    .tuple(address, paymentTicketParams, expirationParams, tickets, expectedPrice)
    .map(([sender, params, expiry, list, price]) => ({
      sender,
      ticketParams: params,
      expirationParams: expiry,
      tickets: list,
      ...price,
    })),
  fc.tuple(address, expectedPrice).map(([sender, price]) => ({ sender, tickets: [], ...price })),
)
const storage = fc.oneof(
  fc.record({ type: fc.constantFrom('direct', 's3', 'google') }),
  fc.record({
    type: fc.constantFrom('s3', 'google'),
    s3: fc.record({ host: text, key: text, policy: text, signature: text, credential: text, xAmzDate: text }),
  }),
)
const hardware = fc.record({
  pipeline: text,
  modelId: text,
  gpus: fc
    .array(
      fc.tuple(
        fc.constantFrom('0', '1', 'gpu'),
        fc.record({ id: text, name: text, major: uint32, minor: uint32, memoryFree: int64, memoryTotal: int64 }),
      ),
    )
    .map((entries) => new Map(entries)),
})
const info: fc.Arbitrary<OrchestratorInfo> = record<OrchestratorInfo>(
  {
    serviceUri: text,
    ticketParams,
    priceInfo,
    address,
    capabilities,
    authToken,
    hardware: fc.array(hardware, { maxLength: 2 }),
    storage: fc.array(storage, { maxLength: 2 }),
    capabilitiesPrices: fc.array(priceInfo, { maxLength: 2 }),
    nodes: fc.array(text, { maxLength: 2 }),
    takesLiveSegments: fc.constant(true),
    distribution: fc.record({ pricePerUnit: int64, bytesPerUnit: int64, viewerUrl: fc.string({ maxLength: 50 }) }),
  } as never,
  ['serviceUri', 'address', 'hardware', 'storage', 'capabilitiesPrices', 'nodes'],
)
const profile: fc.Arbitrary<VideoProfile> = record<VideoProfile>(
  {
    name: fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
    width: nat,
    height: nat,
    bitrateBps: nat,
    fps: nat,
    fpsDen: positive,
    format: fc.constantFrom('mpegts', 'mp4'),
    profile: fc.constantFrom('baseline', 'main', 'high', 'constrainedHigh'),
    gopMs: fc.oneof(nat, fc.constant(-1)),
    codec: fc.constantFrom('h264', 'h265', 'vp8', 'vp9', 'av1'),
    colorDepth: fc.constantFrom(9, 10, 12, 14, 16),
    chroma: fc.constantFrom('422', '444'),
    quality: fc.integer({ min: 1, max: 63 }),
  } as never,
  ['name', 'width', 'height', 'bitrateBps', 'fps', 'format', 'gopMs', 'codec'],
)
const jobModel = {
  manifestId: text.map(manifestId),
  seq,
  profiles: fc.array(profile, { maxLength: 5 }),
  durationMs: fc.integer({ min: -0x7fffffff, max: 0x7fffffff }),
  capabilities,
  authToken,
  calcPerceptualHash: fc.boolean(),
  segmentParameters: fc.record({ fromMs: seq, toMs: seq }),
  forceSessionReinit: fc.boolean(),
}
const jobKeys = ['manifestId', 'seq', 'profiles', 'durationMs', 'calcPerceptualHash', 'forceSessionReinit'] as const
const job = fc.record(jobModel, { requiredKeys: [...jobKeys] })
const segData = fc.record(
  {
    ...jobModel,
    hash,
    signature,
    storage: fc.array(storage, { maxLength: 2 }),
    wantsCommitment: fc.boolean(),
    live: fc.constant(true as const),
  },
  { requiredKeys: [...jobKeys, 'hash', 'signature', 'storage', 'wantsCommitment'] },
) as fc.Arbitrary<SegData>
const commitment = fc.record({
  sender: address,
  recipient: address,
  manifestId: text.map(manifestId),
  seq,
  sourceHash: hash,
  profilesHash: hash,
  renditionsHash: hash,
  pixels: uint256,
  sessionId: session,
  round: uint256,
  signature: bytesOf(65),
})
const transcodeData = fc.record(
  {
    segments: fc.array(
      fc.record(
        { url: text, pixels: int64, perceptualHashUrl: fc.string({ minLength: 1 }) },
        { requiredKeys: ['url', 'pixels'] },
      ),
      { maxLength: 4 },
    ),
    signature,
    commitment,
  },
  { requiredKeys: ['segments', 'signature'] },
)
const result = fc.oneof(fc.record({ error: text }), fc.record({ data: transcodeData }))
const optionalInfo = fc.option(info).map((some) => (some ? { info: some } : {}))

/** A codec with messages that it must give back as they were. */
export type Codec = {
  arbitrary: fc.Arbitrary<unknown>
  encode(value: never): Uint8Array
  decode(bytes: Uint8Array): unknown
}
const codec = <T>(
  arbitrary: fc.Arbitrary<T>,
  encode: (value: T) => Uint8Array,
  decode: (bytes: Uint8Array) => unknown,
): Codec => ({
  arbitrary,
  encode,
  decode,
})
const rendition = fc.nat(31)
const uint64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })
const liveMessage: fc.Arbitrary<LiveMessage> = fc.oneof(
  fc.record({ kind: fc.constantFrom('media' as const, 'result' as const), bytes: fc.uint8Array() }),
  fc.record({ kind: fc.constant('close' as const), header: text }),
  fc.record({ kind: fc.constant('failed' as const), text }),
  fc.record({ kind: fc.constant('init' as const), rendition, bytes: fc.uint8Array() }),
  fc.record({ kind: fc.constant('done' as const), decodedPixels: uint64 }),
  fc.record({
    kind: fc.constant('part' as const),
    rendition,
    independent: fc.boolean(),
    frames: fc.nat(0xffff),
    pts: fc.maxSafeInteger(),
    duration: uint32,
    pixels: uint64,
    bytes: fc.uint8Array(),
  }),
)
/** The one message that the bytes are. */
function decodeLiveMessage(bytes: Uint8Array): LiveMessage {
  const [message, ...more] = new LiveMessageReader().push(bytes)
  if (!message || more.length > 0) throw new WireError('malformed_message', 'expected one whole message')
  return message
}
/** All message codecs by the name of their message. */
export const CODECS: Readonly<Record<string, Codec>> = {
  OrchestratorRequest: codec(
    fc.record(
      { address, signature, capabilities, ignoreCapacityCheck: fc.boolean() },
      { requiredKeys: ['address', 'signature', 'ignoreCapacityCheck'] },
    ),
    encodeOrchestratorRequest,
    decodeOrchestratorRequest,
  ),
  OrchestratorInfo: codec(info, encodeOrchestratorInfo, decodeOrchestratorInfo),
  'OrchestratorInfo as base64': codec(
    info,
    (value) => new TextEncoder().encode(orchestratorInfoToBase64(value)),
    (bytes) => orchestratorInfoFromBase64(new TextDecoder().decode(bytes)),
  ),
  SegData: codec(segData, encodeSegData, decodeSegData),
  Payment: codec(payment, encodePayment, decodePayment),
  PaymentResult: codec(optionalInfo, encodePaymentResult, decodePaymentResult),
  TranscodeResult: codec(
    fc.tuple(seq, result, optionalInfo).map(([n, outcome, more]) => ({ seq: n, result: outcome, ...more })),
    encodeTranscodeResult,
    decodeTranscodeResult,
  ),
  SegmentCommitment: codec(commitment, encodeSegmentCommitment, decodeSegmentCommitment),
  PingPong: codec(fc.record({ value: fc.uint8Array() }), encodePingPong, decodePingPong),
  EndTranscodingSessionRequest: codec(
    fc.record({ authToken }),
    encodeEndTranscodingSessionRequest,
    decodeEndTranscodingSessionRequest,
  ),
  RegisterRequest: codec(
    fc.record(
      { secret: text, capacity: seq, capabilities, takesLiveSegments: fc.constant(true as const) },
      { requiredKeys: ['secret', 'capacity'] },
    ),
    encodeRegisterRequest,
    decodeRegisterRequest,
  ),
  DistributionRequest: codec(
    fc.record({ origin: fc.string({ maxLength: 50 }), viewerKey: bytesOf(32), since: seq, end: fc.boolean() }),
    encodeDistributionRequest,
    decodeDistributionRequest,
  ),
  DistributionReport: codec(
    fc.record({
      info,
      revision: seq,
      totalBytes: seq,
      viewers: fc.array(fc.record({ viewer: bytesOf(8).map((id) => toHex(id).slice(2)), bytes: seq }), {
        maxLength: 5,
      }),
    }),
    encodeDistributionReport,
    decodeDistributionReport,
  ),
  LiveMessage: codec(liveMessage, encodeLiveMessage, decodeLiveMessage),
  NotifySegment: codec(
    fc.oneof(
      fc.record(
        {
          kind: fc.constant('segment' as const),
          url: fc.string({ minLength: 1 }),
          taskId: seq,
          orchId: text,
          job,
          live: fc.constant(true as const),
        },
        { requiredKeys: ['kind', 'url', 'taskId', 'orchId', 'job'] },
      ),
      fc.record({ kind: fc.constant('teardown' as const), sessionId: session }),
    ) as fc.Arbitrary<Parameters<typeof encodeNotifySegment>[0]>,
    encodeNotifySegment,
    decodeNotifySegment,
  ),
  RegisterAiWorkerRequest: codec(
    fc.record(
      { secret: text, capabilities, hardware: fc.array(hardware, { maxLength: 2 }), liveCapabilities: capabilities },
      { requiredKeys: ['secret', 'hardware'] },
    ),
    encodeRegisterAiWorkerRequest,
    decodeRegisterAiWorkerRequest,
  ),
  NotifyAiJob: codec(
    fc.record({ taskId: seq, pipeline: text, requestData: fc.uint8Array() }),
    encodeNotifyAiJob,
    decodeNotifyAiJob,
  ),
  QueueTicketRequest: codec(
    fc.record({
      ticketParams,
      sender: address,
      expirationParams,
      senderParams: fc.record({ senderNonce: uint32, signature }),
      recipientRand: uint256,
    }),
    encodeQueueTicketRequest,
    decodeQueueTicketRequest,
  ),
  MaxFloatRequest: codec(fc.record({ sender: address }), encodeMaxFloatRequest, decodeMaxFloatRequest),
  MaxFloatUpdate: codec(fc.record({ maxFloat: uint256 }), encodeMaxFloatUpdate, decodeMaxFloatUpdate),
}

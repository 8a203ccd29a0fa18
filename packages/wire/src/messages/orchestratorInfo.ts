import { addressFromBytes, addressToBytes } from '../address.ts'
import { decodeBase64, encodeBase64 } from '../base64.ts'
import { checkCount, checkText, decodeMessage, encodeMessage } from '../codec.ts'
import type { Address } from '../identifiers.ts'
import { type OrchestratorInfo as OrchestratorInfoProto, OrchestratorInfoSchema } from '../proto/generated/lp_rpc_pb.ts'
import { type AuthToken, authTokenFromProto, authTokenToProto } from './authToken.ts'
import { type Capabilities, capabilitiesFromProto, capabilitiesToProto } from './capabilities.ts'
import { type DistributionOffer, distributionOfferFromProto, distributionOfferToProto } from './distribution-offer.ts'
import { type HardwareInformation, hardwareFromProto, hardwareToProto } from './hardware.ts'
import { type TicketParams, ticketParamsFromProto, ticketParamsToProto } from './payment.ts'
import { type PriceInfo, priceInfoFromProto, priceInfoToProto } from './priceInfo.ts'
import { type StorageInfo, storageFromProto, storageToProto } from './storage.ts'

/** An orchestrator's terms for one gateway. */
export type OrchestratorInfo = {
  /** Where segments are sent (field `transcoder`). */
  readonly serviceUri: string
  /** Absent when nothing is paid. */
  readonly ticketParams?: TicketParams
  readonly priceInfo?: PriceInfo
  /** Signs results; the zero address without a chain. */
  readonly address: Address
  readonly capabilities?: Capabilities
  readonly authToken?: AuthToken
  readonly hardware: readonly HardwareInformation[]
  /** Where the orchestrator puts results; empty when it serves them itself. */
  readonly storage: readonly StorageInfo[]
  readonly capabilitiesPrices: readonly PriceInfo[]
  /** More instances of this orchestrator. */
  readonly nodes: readonly string[]
  /** Millrace, field 1000: it takes live segments (`liveSegment.ts`). */
  readonly takesLiveSegments?: true
  /** Millrace, field 1001: it serves renditions to viewers. */
  readonly distribution?: DistributionOffer
}

export const encodeOrchestratorInfo = (info: OrchestratorInfo): Uint8Array =>
  encodeMessage(OrchestratorInfoSchema, orchestratorInfoToProto(info))

export const decodeOrchestratorInfo = (bytes: Uint8Array): OrchestratorInfo =>
  orchestratorInfoFromProto(decodeMessage(OrchestratorInfoSchema, bytes))

/** The form in the JSON of 402 challenges and /refresh-payment. */
export const orchestratorInfoToBase64 = (info: OrchestratorInfo): string => encodeBase64(encodeOrchestratorInfo(info))
export const orchestratorInfoFromBase64 = (text: string): OrchestratorInfo => decodeOrchestratorInfo(decodeBase64(text))

export const orchestratorInfoToProto = (info: OrchestratorInfo) => ({
  transcoder: checkText(info.serviceUri, 'transcoder', 2048),
  ...(info.ticketParams && { ticketParams: ticketParamsToProto(info.ticketParams) }),
  ...(info.priceInfo && { priceInfo: priceInfoToProto(info.priceInfo) }),
  address: addressToBytes(info.address),
  ...(info.capabilities && { capabilities: capabilitiesToProto(info.capabilities) }),
  ...(info.authToken && { authToken: authTokenToProto(info.authToken) }),
  hardware: checkCount(info.hardware, 'hardware').map(hardwareToProto),
  storage: checkCount(info.storage, 'storage').map(storageToProto),
  capabilitiesPrices: checkCount(info.capabilitiesPrices, 'capabilities_prices').map(priceInfoToProto),
  nodes: checkCount(info.nodes, 'nodes').map((node) => checkText(node, 'nodes', 2048)),
  takesLiveSegments: info.takesLiveSegments ?? false,
  ...(info.distribution && { distribution: distributionOfferToProto(info.distribution) }),
})

export const orchestratorInfoFromProto = (message: OrchestratorInfoProto): OrchestratorInfo => ({
  serviceUri: checkText(message.transcoder, 'transcoder', 2048),
  ...(message.ticketParams && { ticketParams: ticketParamsFromProto(message.ticketParams) }),
  ...(message.priceInfo && { priceInfo: priceInfoFromProto(message.priceInfo) }),
  address: addressFromBytes(message.address),
  ...(message.capabilities && { capabilities: capabilitiesFromProto(message.capabilities) }),
  ...(message.authToken && { authToken: authTokenFromProto(message.authToken) }),
  hardware: checkCount(message.hardware, 'hardware').map(hardwareFromProto),
  storage: checkCount(message.storage, 'storage').map(storageFromProto),
  capabilitiesPrices: checkCount(message.capabilitiesPrices, 'capabilities_prices').map(priceInfoFromProto),
  nodes: checkCount(message.nodes, 'nodes').map((node) => checkText(node, 'nodes', 2048)),
  ...(message.takesLiveSegments && { takesLiveSegments: true as const }),
  ...(message.distribution && { distribution: distributionOfferFromProto(message.distribution) }),
})

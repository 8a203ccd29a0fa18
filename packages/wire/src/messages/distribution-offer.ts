import { checkInt64, checkText } from '../codec.ts'
import type { DistributionOffer as DistributionOfferProto } from '../proto/generated/lp_rpc_pb.ts'

const MAX_URL_BYTES = 300

/** What an orchestrator asks for serving renditions to viewers, and where it does. A Millrace extension. */
export type DistributionOffer = {
  /** Wei; int64 on the wire. */
  readonly pricePerUnit: bigint
  /** Bytes that the price is for; int64 on the wire. */
  readonly bytesPerUnit: bigint
  /** http or https, the beginning of all addresses that viewers are given. */
  readonly viewerUrl: string
}

export const distributionOfferToProto = ({ pricePerUnit, bytesPerUnit, viewerUrl }: DistributionOffer) => ({
  pricePerUnit: checkInt64(pricePerUnit, 'pricePerUnit'),
  bytesPerUnit: checkInt64(bytesPerUnit, 'bytesPerUnit'),
  viewerUrl: checkText(viewerUrl, 'viewer_url', MAX_URL_BYTES),
})

export const distributionOfferFromProto = (message: DistributionOfferProto): DistributionOffer => ({
  pricePerUnit: checkInt64(message.pricePerUnit, 'pricePerUnit'),
  bytesPerUnit: checkInt64(message.bytesPerUnit, 'bytesPerUnit'),
  viewerUrl: checkText(message.viewerUrl, 'viewer_url', MAX_URL_BYTES),
})

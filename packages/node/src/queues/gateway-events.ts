import { randomUUID } from 'node:crypto'
import type { Address, NodeEvent, NodeEventOf } from '@millrace/wire'

/** One event of a gateway on go-livepeer's Kafka topic (wire spec 6.8). */
export type GatewayEvent = {
  readonly id: string
  readonly type: 'create_new_payment' | 'discovery_results'
  /** Milliseconds since the Unix epoch, as text. */
  readonly timestamp: string
  readonly gateway: Address
  /** All numbers in it are texts. */
  readonly data: unknown
}

/** From here on go-livepeer names an amount in ETH, below it in wei. */
const SHOWN_IN_ETH_WEI = 10n ** 16n
const ETH_WEI = 10n ** 18n
const WIN_PROB_DIGITS = 10
const PRICE_DIGITS = 3

/** What a gateway tells of itself on the topic; undefined for what nobody there expects. */
export function gatewayEventOf(event: NodeEvent, gateway: Address): GatewayEvent | undefined {
  const told = (type: GatewayEvent['type'], data: unknown): GatewayEvent => ({
    id: randomUUID(),
    type,
    timestamp: String(event.atMs),
    gateway,
    data,
  })
  switch (event.type) {
    case 'orchestrators_found':
      return told(
        'discovery_results',
        event.orchestrators.map(({ address, serviceUri, latencyMs }) => ({
          address,
          url: serviceUri,
          latency_ms: String(latencyMs),
        })),
      )
    case 'segment_submitted':
      return event.payment && told('create_new_payment', paymentData(event, event.payment))
    default:
      return undefined
  }
}

function paymentData(
  { manifestId, sessionId, orchestratorUri, tickets }: NodeEventOf<'segment_submitted'>,
  payment: NonNullable<NodeEventOf<'segment_submitted'>['payment']>,
): Readonly<Record<string, string>> {
  const [num = '0', den = '1'] = payment.pricePerPixel.split('/')
  return {
    clientIP: '',
    requestID: '',
    capability: '',
    manifestID: manifestId,
    sessionID: sessionId,
    recipient: payment.recipient,
    faceValue: amountText(BigInt(payment.faceValueWei)),
    winProb: decimal(BigInt(payment.winProb), 2n ** 256n - 1n, WIN_PROB_DIGITS),
    price: `${decimal(BigInt(num), BigInt(den), PRICE_DIGITS)} wei/pixel`,
    numTickets: String(tickets),
    sender: payment.sender,
    orchestrator: orchestratorUri ?? '',
  }
}

function amountText(wei: bigint): string {
  if (wei < SHOWN_IN_ETH_WEI) return `${wei} WEI`
  return `${decimal(wei, ETH_WEI, 18).replace(/\.?0+$/, '')} ETH`
}

/** A fraction with so many digits behind the point, rounded half up. */
function decimal(num: bigint, den: bigint, digits: number): string {
  const scale = 10n ** BigInt(digits)
  const rounded = (2n * num * scale + den) / (2n * den)
  const whole = rounded / scale
  return `${whole}.${(rounded % scale).toString().padStart(digits, '0')}`
}

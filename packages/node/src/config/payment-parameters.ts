import { arbitrumPaymentParameters, devnetPaymentParameters, type PaymentParameters } from '@millrace/payments'
import type { NetworkConfig } from './node-config.ts'

/** The ticket parameters of a network, with what the operator chose otherwise. */
export function paymentParametersOf(network: NetworkConfig): PaymentParameters {
  if (network.kind === 'offchain') return arbitrumPaymentParameters
  const standard = network.payments === 'devnet' ? devnetPaymentParameters : arbitrumPaymentParameters
  return { ...standard, ...network.tickets }
}

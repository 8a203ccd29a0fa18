import { describe } from 'vitest'
import { openSigner, openSignerServer } from '../signer/signer-fixture.ts'
import { paymentSourceSuite } from './payment-source.suite.ts'
import { KeyPayments } from './payment-source.ts'
import { SignerPayments } from './signer-payments.ts'

describe('payments: with the key of the node', () =>
  paymentSourceSuite(async (o) => {
    const { tickets, funds } = openSigner(o)
    return { source: new KeyPayments({ signer: o.gatewaySigner, tickets }), funds, close: async () => {} }
  }))

describe('payments: by a signer in the same process', () =>
  paymentSourceSuite(async (o) => {
    const { signer, funds } = openSigner(o)
    return {
      source: new SignerPayments({ link: signer, identity: await signer.identity() }),
      funds,
      close: async () => {},
    }
  }))

describe('payments: by a signer over HTTP', () =>
  paymentSourceSuite(async (o) => {
    const { signer, funds } = openSigner(o)
    const { client, close } = await openSignerServer(signer)
    return { source: new SignerPayments({ link: client, identity: await client.identity() }), funds, close }
  }))

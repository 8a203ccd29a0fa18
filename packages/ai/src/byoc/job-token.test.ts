import { expect, it } from 'vitest'
import { decodeJobToken, encodeJobToken } from './job-token.ts'

const RECIPIENT = `0x${'11'.repeat(20)}` as const
const HASH = `0x${'22'.repeat(32)}` as const

it('a token of go-livepeer is read: bytes in base64, what is zero left out, balances beyond what a double holds', () => {
  const token = decodeJobToken(
    JSON.stringify({
      ticket_params: {
        recipient: Buffer.alloc(20, 0x11).toString('base64'),
        face_value: 'D0JA',
        win_prob: '/w==',
        recipient_rand_hash: Buffer.alloc(32, 0x22).toString('base64'),
        expiration_block: 'AQA=',
        expiration_params: { creation_round: 5, creation_round_block_hash: Buffer.alloc(32, 0x22).toString('base64') },
      },
      balance: 'BALANCE',
      price: { pixelsPerUnit: 1 },
      service_addr: 'https://orchestrator:8935',
    }).replace('"BALANCE"', '9223372036854775807'),
  )
  expect(token).toEqual({
    ...{ sender: undefined, balanceWei: 9_223_372_036_854_775_807n, availableCapacity: 0 },
    ...{ price: { pricePerUnit: 0n, pixelsPerUnit: 1n }, serviceUri: 'https://orchestrator:8935' },
    ticketParams: {
      ...{ recipient: RECIPIENT, faceValue: 1_000_000n, winProb: 255n, recipientRandHash: HASH, seed: 0n },
      ...{ expirationBlock: 256n, expirationParams: { creationRound: 5n, creationRoundBlockHash: HASH } },
    },
  })
})

it('what is written is read again', () => {
  const token = {
    sender: { addr: RECIPIENT, sig: '0x00' },
    ticketParams: {
      ...{ recipient: RECIPIENT, faceValue: 2n ** 255n, winProb: 1n, recipientRandHash: HASH, seed: 7n },
      ...{ expirationBlock: 1n, expirationParams: { creationRound: 2n, creationRoundBlockHash: HASH } },
    },
    ...{ balanceWei: 3n, price: { pricePerUnit: 2n ** 60n, pixelsPerUnit: 3n } },
    ...{ serviceUri: 'https://a', availableCapacity: 4 },
  }
  expect(decodeJobToken(encodeJobToken(token))).toEqual(token)
})

it.each(['nothing', '[]', '{"price":{"pricePerUnit":"1"}}', '{"ticket_params":{"recipient":"AA=="}}'])(
  '%s is no token',
  (text) => expect(() => decodeJobToken(text)).toThrow(/token of an orchestrator/),
)

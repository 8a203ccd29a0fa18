import { fromHex, type Hex, toHex } from '@millrace/base'
import { type Address, parseAddress } from '@millrace/wire'
import { createKeySigner, signatureVerifier } from '@millrace/wire/node'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fact } from './network-facts.fixture.ts'
import {
  MAX_WIN_PROB,
  queueTicketRequestOf,
  recipientRandHash,
  type Ticket,
  ticketAuxData,
  ticketEv,
  ticketHash,
  winningTicket,
  winningTicketOf,
} from './ticket.ts'
import { TicketValidator } from './validator.ts'
import { isWinning, winningValue } from './winProb.ts'

type Input = {
  recipient: Address
  sender: Address
  faceValue: string
  winProb: string
  senderNonce: number
  recipientRandHash: Hex
  creationRound: number
  creationRoundBlockHash: Hex
}
const ticketOfInput = (input: Input): Ticket => ({
  recipient: parseAddress(input.recipient),
  sender: parseAddress(input.sender),
  faceValue: BigInt(input.faceValue),
  winProb: BigInt(input.winProb),
  senderNonce: input.senderNonce,
  recipientRandHash: input.recipientRandHash,
  creationRound: BigInt(input.creationRound),
  creationRoundBlockHash: input.creationRoundBlockHash,
  paramsExpirationBlock: 1000n,
})

describe('ticket hashes', () => {
  it('are the ones the chain computes', () => {
    for (const { input, expected } of [
      fact<Input, Hex>('ticket-hash-1'),
      fact<Input, Hex>('ticket-hash-2'),
      fact<Input, Hex>('ticket-hash-4'),
      fact<Input, Hex>('ticket-hash-5'),
      fact<Input, Hex>('ticket-hash-7'),
    ])
      expect(toHex(ticketHash(ticketOfInput(input)))).toBe(expected)
  })

  it('hold round and block hash, or nothing when both are zero', () => {
    for (const { input, expected } of [
      fact<Input, Hex>('aux-data-1'),
      fact<Input, Hex>('aux-data-2'),
      fact<Input, Hex>('aux-data-4'),
    ])
      expect(toHex(ticketAuxData({ ...input, creationRound: BigInt(input.creationRound) }))).toBe(expected)
    expect(ticketAuxData({ creationRound: 0n, creationRoundBlockHash: `0x${'00'.repeat(32)}` })).toHaveLength(0)
  })

  it('are signed as upstream signs them', () => {
    const key = fact<{ privateKey: string }, unknown>('key')
    const signer = createKeySigner(key.input.privateKey.split(' ')[0] as Hex)
    type Expected = { hash: Hex; sig: Hex; winningValueForRecipientRand10: string }
    const { input, expected } = fact<Input, Expected>('ticket-sign')
    const hash = ticketHash(ticketOfInput(input))
    const signature = signer.signPersonal(hash)
    expect(toHex(hash)).toBe(expected.hash)
    expect(toHex(signature)).toBe(expected.sig)
    expect(winningValue(signature, 10n).toString()).toBe(expected.winningValueForRecipientRand10)
  })
})

describe('expected values', () => {
  it('are exact', () => {
    const { expected } = fact<unknown, string[]>('ticket-ev')
    const tickets = [
      { faceValue: 1000n, winProb: MAX_WIN_PROB / 2n },
      { faceValue: 1000n, winProb: 0n },
      { faceValue: 1000n, winProb: MAX_WIN_PROB },
      { faceValue: 0n, winProb: 999n },
    ]
    // Rounded half up, as the facts are.
    const rounded = tickets.map(ticketEv).map(({ num, den }) => ((2n * num + den) / (2n * den)).toString())
    expect(rounded).toEqual(expected)
  })
})

describe('winning', () => {
  it('never happens with probability 0 and happens with the largest', () => {
    const { input, expected } = fact<{ sig: Hex; recipientRand: string; winProb: string }[], boolean[]>('is-winning')
    const won = input.map((row) => isWinning(fromHex(row.sig), BigInt(row.recipientRand), BigInt(row.winProb)))
    expect(won).toEqual(expected)
  })

  it('compares keccak256 of signature and recipientRand with the probability', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 65, maxLength: 65 }), fc.bigInt(0n, MAX_WIN_PROB), (signature, rand) => {
        const value = winningValue(signature, rand)
        expect(isWinning(signature, rand, value)).toBe(false)
        expect(isWinning(signature, rand, value + 1n)).toBe(true)
      }),
    )
  })

  it('a recipientRand is committed to by its hash', () => {
    const { input, expected } = fact<{ recipientRand: string }, Hex>('recipient-rand-hash')
    expect(recipientRandHash(BigInt(input.recipientRand))).toBe(expected)
  })
})

describe('the validator', () => {
  const sender = createKeySigner(new Uint8Array(32).fill(3))
  const rand = 77n
  const ticket: Ticket = {
    recipient: '0x00000000000000000000000000000000000000ee',
    sender: sender.address,
    faceValue: 10n ** 15n,
    winProb: MAX_WIN_PROB / 10n,
    senderNonce: 1,
    recipientRandHash: recipientRandHash(rand),
    creationRound: 12n,
    creationRoundBlockHash: `0x${'12'.repeat(32)}`,
    paramsExpirationBlock: 10n,
  }
  const signature = sender.signPersonal(ticketHash(ticket))
  const validator = new TicketValidator({ verifier: signatureVerifier })
  const accepts = (changed: Ticket, sig = signature, recipientRand = rand) => {
    try {
      validator.validateTicket(ticket.recipient, changed, sig, recipientRand)
      return true
    } catch {
      return false
    }
  }

  it('accepts a ticket that is in order', () => {
    expect(accepts(ticket)).toBe(true)
  })

  it('names the first fault, and all but a wrong signature are fatal', () => {
    const fault = (changed: Partial<Ticket>, sig = signature) =>
      expect(() => validator.validateTicket(ticket.recipient, { ...ticket, ...changed }, sig, rand))
    const zero: Address = `0x${'00'.repeat(20)}`
    fault({ recipient: zero, sender: zero }).toThrow(
      expect.objectContaining({ code: 'invalid_recipient', fatal: true }),
    )
    fault({ sender: zero, recipientRandHash: `0x${'00'.repeat(32)}` }).toThrow(
      expect.objectContaining({ code: 'invalid_sender', fatal: true }),
    )
    fault({ recipientRandHash: `0x${'00'.repeat(32)}` }).toThrow(
      expect.objectContaining({ code: 'invalid_recipient_rand', fatal: true }),
    )
    fault({ senderNonce: 2 }).toThrow(expect.objectContaining({ code: 'invalid_ticket_signature', fatal: false }))
  })

  it('refuses one flipped bit in the ticket or its signature', () => {
    for (let bit = 0; bit < 256; bit++) {
      const flip = 1n << BigInt(bit)
      const flipHash = (hash: Hex): Hex => `0x${(BigInt(hash) ^ flip).toString(16).padStart(64, '0')}`
      expect(accepts({ ...ticket, faceValue: ticket.faceValue ^ flip })).toBe(false)
      expect(accepts({ ...ticket, winProb: ticket.winProb ^ flip })).toBe(false)
      expect(accepts({ ...ticket, recipientRandHash: flipHash(ticket.recipientRandHash) })).toBe(false)
      expect(accepts({ ...ticket, creationRoundBlockHash: flipHash(ticket.creationRoundBlockHash) })).toBe(false)
      expect(accepts({ ...ticket, creationRound: ticket.creationRound ^ flip })).toBe(false)
      expect(accepts(ticket, signature, rand ^ flip)).toBe(false)
      if (bit < 160) {
        const flipAddress = (address: Address): Address =>
          `0x${(BigInt(address) ^ flip).toString(16).padStart(40, '0')}`
        expect(accepts({ ...ticket, sender: flipAddress(ticket.sender) })).toBe(false)
        expect(accepts({ ...ticket, recipient: flipAddress(ticket.recipient) })).toBe(false)
      }
      if (bit < 32) expect(accepts({ ...ticket, senderNonce: (ticket.senderNonce ^ (1 << bit)) >>> 0 })).toBe(false)
    }
    for (let bit = 0; bit < 65 * 8; bit++) {
      const flipped = Uint8Array.from(signature)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect(accepts(ticket, flipped)).toBe(false)
    }
  })
})

it('a winning ticket comes back from a redeemer message', () => {
  const ticket = ticketOfInput(fact<Input, unknown>('ticket-sign').input)
  const won = winningTicket({ ticket, signature: new Uint8Array(65).fill(1), recipientRand: 5n })
  expect(won.hash).toBe(toHex(ticketHash(ticket)))
  expect(winningTicketOf(queueTicketRequestOf(won))).toEqual(won)
})

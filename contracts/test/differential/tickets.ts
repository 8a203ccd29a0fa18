import { type Address, concat, encodePacked, type Hex, keccak256, zeroAddress } from 'viem'
import { actor } from '../../ts/testing/recorded-network.ts'
import type { Recorded, Step } from '../../ts/testing/recording.ts'

/** Hash of a ticket in the form of the recordings. Specification, section 4. */
export function ticketHash(ticket: Record<string, string>): Hex {
  return keccak256(
    concat([
      encodePacked(
        ['address', 'address', 'uint256', 'uint256', 'uint256', 'bytes32'],
        [
          addressOf(ticket.recipient!),
          addressOf(ticket.sender!),
          BigInt(ticket.faceValue!),
          BigInt(ticket.winProb!),
          BigInt(ticket.senderNonce!),
          ticket.recipientRandHash as Hex,
        ],
      ),
      ticket.auxData as Hex,
    ]),
  )
}

/** Makes the signatures of a step: as bytes for contracts, with the signer's name beside them for the model. */
export async function signed<S extends Pick<Step, 'function' | 'args'>>(step: S): Promise<{ raw: S; named: S }> {
  if (!step.function.includes('edeemWinningTicket')) return { raw: step, named: step }
  const [tickets, signatures, ...rest] = step.args as [Recorded, Recorded, ...Recorded[]]
  const named = Array.isArray(signatures)
    ? await Promise.all(signatures.map((signature, index) => sign((tickets as Recorded[])[index]!, signature)))
    : await sign(tickets, signatures)
  const raw = Array.isArray(named) ? named.map(({ bytes }) => ({ raw: bytes })) : { raw: named.bytes }
  return {
    raw: { ...step, args: [tickets, raw, ...rest] },
    named: { ...step, args: [tickets, named as Recorded, ...rest] },
  }
}

async function sign(ticket: Recorded, signature: Recorded): Promise<{ bytes: Hex; signer?: string }> {
  const { signedBy, raw } = signature as { signedBy?: string; raw?: Hex }
  if (signedBy === undefined) return { bytes: raw! }
  const bytes = await actor(signedBy).signMessage({ message: { raw: ticketHash(ticket as Record<string, string>) } })
  return { bytes, signer: signedBy }
}

const addressOf = (name: string): Address => (name === 'ZERO' ? zeroAddress : actor(name).address)

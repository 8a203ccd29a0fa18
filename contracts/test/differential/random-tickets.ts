import { encodePacked, keccak256 } from 'viem'
import { actors, type NetworkReads } from '../../ts/testing/network-state.ts'
import type { Recorded } from '../../ts/testing/recording.ts'
import type { Operation } from './operations.ts'
import type { Random } from './random.ts'

const ether = 10n ** 18n
const always = String(2n ** 256n - 1n)
const senders = actors.slice(7)
const recipients = actors.slice(0, 6)

type Redemption = { ticket: Record<string, string>; signature: Recorded; rand: string }

export type RandomTickets = {
  next(): Promise<Partial<Operation>>
  /** A good ticket for a recipient, of a sender that may have nothing left. */
  redeemFor(recipient: string): Promise<Partial<Operation>>
}

/** Makes up what senders and recipients of tickets do: funding, unlocking, redemption in every right and wrong way. */
export function openTickets(random: Random, network: NetworkReads): RandomTickets {
  const { below, chance, pick, upTo, hex } = random
  const used: Redemption[] = []
  let nonce = 0

  const one = async (contract: string, name: string, ...args: Recorded[]) =>
    (await network.read([[contract, name, args]]))[0] as string
  const broker = (name: string, sender: string, args: Recorded[], value?: bigint): Partial<Operation> => ({
    contract: 'TicketBroker',
    function: name,
    sender,
    args,
    ...(value === undefined ? {} : { value: String(value) }),
  })

  const fund = (): Partial<Operation> => {
    const sender = pick(chance(0.9) ? senders : actors)
    const [deposit, reserve] = [upTo(4n * ether), upTo(4n * ether)]
    const value = chance(0.06) ? deposit + reserve + 1n : deposit + reserve
    const kind = below(6)
    if (kind === 0) return broker('fundDeposit', sender, [], deposit)
    if (kind === 1) return broker('fundReserve', sender, [], reserve)
    if (kind === 2) {
      const args = [pick(senders), String(deposit), String(reserve)]
      return broker('fundDepositAndReserveFor', sender, args, value)
    }
    return broker('fundDepositAndReserve', sender, [String(deposit), String(reserve)], value)
  }

  const redemption = async (): Promise<Redemption> => {
    if (used.length > 0 && chance(0.12)) return pick(used.slice(-8))
    const round = BigInt(await one('RoundsManager', 'currentRound'))
    const creationRound = round - BigInt(chance(0.75) ? 0 : below(5))
    const hash = chance(0.97) ? await one('RoundsManager', 'blockHashForRound', String(creationRound)) : hex(32)
    const sender = pick(senders)
    const [[deposit]] = (await one('TicketBroker', 'getSenderInfo', sender)) as unknown as [[string]]
    const faceValue = chance(0.5) ? upTo(BigInt(deposit)) : BigInt(deposit) + upTo(2n * ether)
    const rand = String(below(1e9))
    const recipientRandHash = keccak256(encodePacked(['uint256'], [chance(0.97) ? BigInt(rand) : 1n]))
    const roundBytes = creationRound.toString(16).padStart(64, '0')
    const made: Redemption = {
      ticket: {
        recipient: chance(0.01) ? 'ZERO' : pick(chance(0.9) ? recipients : actors),
        sender: chance(0.01) ? 'ZERO' : sender,
        faceValue: String(faceValue),
        winProb: chance(0.9) ? always : String(upTo(2n ** 256n - 1n)),
        senderNonce: String(nonce++),
        recipientRandHash,
        auxData: `0x${roundBytes}${hash.slice(2)}${chance(0.02) ? '00' : ''}`,
      },
      signature: chance(0.93) ? { signedBy: sender } : badSignature(sender),
      rand,
    }
    used.push(made)
    return made
  }
  const badSignature = (sender: string): Recorded => {
    if (chance(0.5)) return { signedBy: pick(actors.filter((name) => name !== sender)) }
    return { raw: hex(pick([0, 64, 66])) }
  }

  return {
    async redeemFor(recipient) {
      const round = await one('RoundsManager', 'currentRound')
      const hash = await one('RoundsManager', 'blockHashForRound', round)
      const rand = String(below(1e9))
      const sender = pick(senders)
      const ticket = {
        recipient,
        sender,
        faceValue: String(upTo(ether)),
        winProb: always,
        senderNonce: String(nonce++),
        recipientRandHash: keccak256(encodePacked(['uint256'], [BigInt(rand)])),
        auxData: `0x${BigInt(round).toString(16).padStart(64, '0')}${hash.slice(2)}`,
      }
      return broker('redeemWinningTicket', pick(actors), [ticket, { signedBy: sender }, rand])
    },

    async next() {
      const kind = below(16)
      if (kind < 4) return fund()
      if (kind < 11) {
        const { ticket, signature, rand } = await redemption()
        return broker('redeemWinningTicket', pick(actors), [ticket, signature, rand])
      }
      if (kind < 13) {
        const all: Redemption[] = []
        for (let count = 1 + below(4); count > 0; count--) all.push(await redemption())
        const [tickets, signatures, rands] = [
          all.map(({ ticket }) => ticket),
          all.map(({ signature }) => signature),
          all.map(({ rand }) => rand),
        ]
        return broker('batchRedeemWinningTickets', pick(actors), [tickets, signatures, rands])
      }
      if (kind < 14) return broker('unlock', pick(senders), [])
      if (kind < 15) return broker('cancelUnlock', pick(senders), [])
      return broker('withdraw', pick(senders), [])
    },
  }
}

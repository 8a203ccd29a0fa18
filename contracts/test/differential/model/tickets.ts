import { encodePacked, type Hex, keccak256 } from 'viem'
import { isActive } from './active-set.ts'
import { add, div, sub } from './arithmetic.ts'
import { bookFees } from './earnings.ts'
import { demand, Failure } from './failure.ts'
import { giveEther, takeEther } from './minter.ts'
import { currentRound, demandRunning, usableRound } from './rounds.ts'
import { type Account, key, nobody, type World } from './world.ts'

// Deposits, reserves, and what a winning ticket pays. Specification, section 4.

export type Ticket = {
  recipient: Account
  sender: Account
  faceValue: bigint
  winProb: bigint
  senderNonce: bigint
  recipientRandHash: Hex
  auxData: Hex
}

/** Bytes of a signature, and the account whose valid signature over the ticket they are, if they are anybody's. */
export type Signature = { bytes: Hex; signer: Account | undefined }

export type Redemption = { ticket: Ticket; signature: Signature; recipientRand: bigint }

export function redeem(world: World, { ticket, signature, recipientRand }: Redemption): void {
  const round = usableRound(world)
  const { recipient, sender, faceValue, winProb, senderNonce, recipientRandHash, auxData } = ticket
  demand(recipient !== nobody, 'ticket recipient is null address')
  demand(sender !== nobody, 'ticket sender is null address')
  demand(auxData.length === 2 + 2 * 64, 'invalid length for ticket auxData: must be 64 bytes')
  const creationRound = BigInt(auxData.slice(0, 66))
  const hash = world.blockHashOfRound.get(String(creationRound))
  demand(BigInt(hash) !== 0n, 'ticket creationRound does not have a block hash')
  demand(hash === `0x${auxData.slice(66)}`, 'ticket creationRoundBlockHash invalid for creationRound')
  demand(add(creationRound, world.broker.now.ticketValidityPeriod) > round, 'ticket is expired')

  const randHash = keccak256(encodePacked(['uint256'], [recipientRand]))
  demand(randHash === recipientRandHash, 'recipientRand does not match recipientRandHash')
  const id = JSON.stringify(Object.values(ticket).map(String))
  demand(!world.usedTickets.get(id), 'ticket is used')
  demand(signature.bytes.length === 2 + 2 * 65, 'INVALID_SIGNATURE_LENGTH')
  demand(signature.signer === sender, 'invalid signature over ticket hash')
  const draw = BigInt(keccak256(encodePacked(['bytes', 'uint256'], [signature.bytes, recipientRand])))
  demand(draw < winProb, 'ticket did not win')

  const { deposit, reserve, withdrawRound } = world.senders.get(sender)
  demand(withdrawRound === 0n || round < withdrawRound, 'sender is unlocked')
  demand(deposit > 0n || reserve > 0n, 'sender deposit and reserve are zero')
  world.usedTickets.set(id, true)

  let paid = faceValue
  if (faceValue > deposit) {
    paid = deposit + claimReserve(world, sender, recipient, faceValue - deposit)
    world.senders.change(sender, { deposit: 0n })
  } else world.senders.change(sender, { deposit: deposit - faceValue })
  if (paid > 0n) {
    bookFees(world, recipient, paid, round)
    world.emit('TicketBroker', 'WinningTicketTransfer', sender, recipient, paid)
  }
  const facts = [faceValue, winProb, senderNonce, recipientRand, auxData]
  world.emit('TicketBroker', 'WinningTicketRedeemed', sender, recipient, ...facts)
}

/** Redeems what can be redeemed and leaves out what cannot. */
export function redeemBatch(world: World, redemptions: readonly Redemption[]): void {
  usableRound(world)
  for (const redemption of redemptions) {
    try {
      world.journal.attempt(() => redeem(world, redemption))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
    }
  }
}

/** What a claimant could get from a reserve now: its share, less what it got in this round. */
export function claimableReserve(world: World, holder: Account, claimant: Account): bigint {
  const round = currentRound(world)
  const { length } = world.bonding.now.pool
  if (!isActive(world, claimant, round) || length === 0) return 0n
  const funds = world.senders.get(holder).reserve + world.reserveClaims.get(key(holder, round))
  return sub(div(funds, BigInt(length)), world.reserveClaimsBy.get(key(holder, round, claimant)))
}

type Funding = { sender: Account; holder: Account; value: bigint; deposit?: bigint; reserve?: bigint }

/** Puts ether into a deposit, a reserve or both; absent means that the call has nothing to do with it. */
export function fund(world: World, { sender, holder, value, deposit, reserve }: Funding): void {
  demandRunning(world)
  const sum = add(deposit ?? 0n, reserve ?? 0n)
  demand(sum === value, 'msg.value does not equal sum of deposit amount and reserve amount')
  takeEther(world, sender, value)
  const before = world.senders.get(holder)
  world.senders.change(holder, {
    deposit: before.deposit + (deposit ?? 0n),
    reserve: before.reserve + (reserve ?? 0n),
  })
  if (sender === holder && before.withdrawRound > 0n) endUnlock(world, holder)
  if (reserve !== undefined) world.emit('TicketBroker', 'ReserveFunded', holder, reserve)
  if (deposit !== undefined) world.emit('TicketBroker', 'DepositFunded', holder, deposit)
}

export function unlock(world: World, account: Account): void {
  demandRunning(world)
  demandFunds(world, account)
  demand(world.senders.get(account).withdrawRound === 0n, 'unlock already initiated')
  const round = currentRound(world)
  const withdrawRound = round + world.broker.now.unlockPeriod
  world.senders.change(account, { withdrawRound })
  world.emit('TicketBroker', 'Unlock', account, round, withdrawRound)
}

export function cancelUnlock(world: World, account: Account): void {
  demandRunning(world)
  demandUnlocking(world, account)
  endUnlock(world, account)
}

export function withdraw(world: World, account: Account): void {
  demandRunning(world)
  demandFunds(world, account)
  demandUnlocking(world, account)
  const { deposit, reserve, withdrawRound } = world.senders.get(account)
  demand(currentRound(world) >= withdrawRound, 'account is locked')
  world.senders.change(account, { deposit: 0n, reserve: 0n })
  giveEther(world, account, deposit + reserve)
  world.emit('TicketBroker', 'Withdrawal', account, deposit, reserve)
}

function claimReserve(world: World, holder: Account, claimant: Account, wanted: bigint): bigint {
  const claimable = claimableReserve(world, holder, claimant)
  const amount = wanted < claimable ? wanted : claimable
  if (amount === 0n) return 0n
  const round = currentRound(world)
  world.senders.change(holder, { reserve: sub(world.senders.get(holder).reserve, amount) })
  const all = key(holder, round)
  world.reserveClaims.set(all, world.reserveClaims.get(all) + amount)
  const own = key(holder, round, claimant)
  world.reserveClaimsBy.set(own, world.reserveClaimsBy.get(own) + amount)
  world.emit('TicketBroker', 'ReserveClaimed', holder, claimant, amount)
  return amount
}

function demandFunds(world: World, account: Account): void {
  const { deposit, reserve } = world.senders.get(account)
  demand(deposit > 0n || reserve > 0n, 'sender deposit and reserve are zero')
}

function demandUnlocking(world: World, account: Account): void {
  demand(world.senders.get(account).withdrawRound > 0n, 'no unlock request in progress')
}

function endUnlock(world: World, account: Account): void {
  world.senders.change(account, { withdrawRound: 0n })
  world.emit('TicketBroker', 'UnlockCancelled', account)
}

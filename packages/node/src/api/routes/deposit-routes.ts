import { fundDepositAndReserve, getSenderInfo, ticketBroker } from '@millrace/chain'
import { account, needChain, type OperatorContext } from '../context.ts'
import { json, type Routes, text } from '../route.ts'

/** What a gateway keeps in the TicketBroker to pay from. */
export const depositRoutes = (context: OperatorContext): Routes => ({
  '/fundDepositAndReserve': async ({ parameters, signal }) => {
    const funds = { deposit: parameters.integer('depositAmount'), reserve: parameters.integer('reserveAmount') }
    const { client, sender } = account(context)
    const { hash } = await fundDepositAndReserve(client, sender, funds, { signal })
    return text(`deposit and reserve funded by transaction ${hash}`)
  },
  '/fundDeposit': async ({ parameters, signal }) => {
    const amount = parameters.integer('amount')
    const { client, sender } = account(context)
    const { hash } = await ticketBroker.fundDeposit(client, sender, amount, { signal })
    return text(`deposit funded by transaction ${hash}`)
  },
  '/unlock': async ({ signal }) => {
    const { client, sender } = account(context)
    const { hash } = await ticketBroker.unlock(client, sender, { signal })
    return text(`unlocking began with transaction ${hash}`)
  },
  '/cancelUnlock': async ({ signal }) => {
    const { client, sender } = account(context)
    const { hash } = await ticketBroker.cancelUnlock(client, sender, { signal })
    return text(`unlocking was cancelled by transaction ${hash}`)
  },
  '/withdraw': async ({ signal }) => {
    const { client, sender } = account(context)
    const { hash } = await ticketBroker.withdraw(client, sender, { signal })
    return text(`deposit and reserve were withdrawn by transaction ${hash}`)
  },
  '/senderInfo': async () => {
    const { client, self } = account(context)
    const { deposit, withdrawRound, reserve } = await getSenderInfo(client, self)
    return json({
      Deposit: deposit,
      WithdrawRound: withdrawRound,
      Reserve: { FundsRemaining: reserve.fundsRemaining, ClaimedInCurrentRound: reserve.claimedInCurrentRound },
    })
  },
  '/ticketBrokerParams': async () => json({ UnlockPeriod: await ticketBroker.unlockPeriod(needChain(context).client) }),
})

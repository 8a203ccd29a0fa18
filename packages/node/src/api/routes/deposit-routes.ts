import { fundDepositAndReserve, getSenderInfo, ticketBroker } from '@millrace/chain'
import { account, needChain, type OperatorContext } from '../context.ts'
import { json, type Routes, text } from '../route.ts'

/** What a gateway keeps in the TicketBroker to pay from. */
export const depositRoutes = (context: OperatorContext): Routes => ({
  '/fundDepositAndReserve': async ({ parameters, signal }) => {
    const funds = { deposit: parameters.integer('depositAmount'), reserve: parameters.integer('reserveAmount') }
    const { client, sender } = account(context)
    await fundDepositAndReserve(client, sender, funds, { signal })
    return text('fundDepositAndReserve success')
  },
  '/fundDeposit': async ({ parameters, signal }) => {
    const amount = parameters.integer('amount')
    const { client, sender } = account(context)
    await ticketBroker.fundDeposit(client, sender, amount, { signal })
    return text('fundDeposit success')
  },
  '/unlock': async ({ signal }) => {
    const { client, sender } = account(context)
    await ticketBroker.unlock(client, sender, { signal })
    return text('unlock success')
  },
  '/cancelUnlock': async ({ signal }) => {
    const { client, sender } = account(context)
    await ticketBroker.cancelUnlock(client, sender, { signal })
    return text('cancelUnlock success')
  },
  '/withdraw': async ({ signal }) => {
    const { client, sender } = account(context)
    await ticketBroker.withdraw(client, sender, { signal })
    return text('withdraw success')
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

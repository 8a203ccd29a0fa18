import { livepeerToken, livepeerTokenFaucet } from '@millrace/chain'
import { checksumAddress } from '@millrace/wire'
import { account, type OperatorContext } from '../context.ts'
import { done, type Routes, text } from '../route.ts'

/** The node's account and its LPT and ether. */
export const tokenRoutes = (context: OperatorContext): Routes => ({
  '/ethAddr': () => text(checksumAddress(account(context).self)),
  '/tokenBalance': async () => {
    const { client, self } = account(context)
    return text(String(await livepeerToken.balanceOf(client, self)))
  },
  '/ethBalance': async () => {
    const { client, self } = account(context)
    return text(String(await client.rpc.getBalance({ address: self })))
  },
  '/transferTokens': async ({ parameters, signal }) => {
    const transfer = { to: parameters.address('to'), amount: parameters.integer('amount') }
    const { client, sender } = account(context)
    await livepeerToken.transfer(client, sender, transfer, { signal })
    return done
  },
  '/requestTokens': async ({ signal }) => {
    const { client, sender } = account(context)
    await livepeerTokenFaucet.request(client, sender, { signal })
    return done
  },
})

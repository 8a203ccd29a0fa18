import type { Wei } from '@millrace/base'
import type { Address, TellEvent } from '@millrace/wire'

export type AccountTellerDeps = {
  readonly feed: { onBlock(listener: (news: { readonly head: { readonly number: bigint } }) => Promise<void>): void }
  readonly gasPrices: { gasPrice(): Wei }
  readonly txSender: {
    readonly gasPriceBounds: { readonly minGasPriceWei?: Wei; readonly maxGasPriceWei?: Wei }
  }
  /** Funds of a gateway; absent for nodes that pay nobody. */
  readonly funds: (() => Promise<{ readonly deposit: Wei; readonly reserve: Wei }>) | undefined
  readonly tell: TellEvent
}

/** Tells at every block what the node's account has and offers. */
export function tellAccount(address: Address, deps: AccountTellerDeps): void {
  deps.feed.onBlock(async ({ head }) => {
    const funds = await deps.funds?.()
    const { minGasPriceWei = 0n, maxGasPriceWei } = deps.txSender.gasPriceBounds
    deps.tell({
      type: 'account_state',
      address,
      block: head.number.toString(),
      gasPriceWei: deps.gasPrices.gasPrice().toString(),
      minGasPriceWei: minGasPriceWei.toString(),
      ...(maxGasPriceWei !== undefined && { maxGasPriceWei: maxGasPriceWei.toString() }),
      ...(funds && { funds: { depositWei: funds.deposit.toString(), reserveWei: funds.reserve.toString() } }),
    })
  })
}

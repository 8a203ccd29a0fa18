import { bondingManager, controller, initializeRound, livepeerToken, minter, roundsManager } from '@millrace/chain'
import { checksumAddress, ZERO_ADDRESS } from '@millrace/wire'
import { account, needChain, type OperatorContext } from '../context.ts'
import { done, json, type Routes, text } from '../route.ts'

/** Rounds and what the protocol is set to. */
export const roundRoutes = (context: OperatorContext): Routes => ({
  '/currentRound': async () => text(String(await roundsManager.currentRound(needChain(context).client))),
  '/roundInitialized': async () => text(String(await roundsManager.currentRoundInitialized(needChain(context).client))),
  '/initializeRound': async ({ signal }) => {
    const { client, sender } = account(context)
    const { hash, receipt } = await initializeRound(client, sender, { signal })
    const round = await roundsManager.currentRound(client)
    const block = String(receipt.blockNumber)
    context.tell({ type: 'round_initialized', round: String(round), block, txHash: hash })
    return done
  },
  '/protocolParameters': async () => json(await protocolParameters(context)),
  '/contractAddresses': () => {
    const { addresses } = needChain(context).client
    return json({
      Controller: checksumAddress(addresses.controller),
      LivepeerToken: checksumAddress(addresses.livepeerToken),
      LivepeerTokenFaucet: checksumAddress(addresses.livepeerTokenFaucet ?? ZERO_ADDRESS),
      TicketBroker: checksumAddress(addresses.ticketBroker),
      RoundsManager: checksumAddress(addresses.roundsManager),
      BondingManager: checksumAddress(addresses.bondingManager),
      Minter: checksumAddress(addresses.minter),
    })
  },
})

async function protocolParameters(context: OperatorContext): Promise<unknown> {
  const { client } = needChain(context)
  const [
    NumActiveTranscoders,
    RoundLength,
    RoundLockAmount,
    UnbondingPeriod,
    Inflation,
    InflationChange,
    TargetBondingRate,
    TotalBonded,
    TotalSupply,
    Paused,
  ] = await Promise.all([
    bondingManager.getTranscoderPoolMaxSize(client),
    roundsManager.roundLength(client),
    roundsManager.roundLockAmount(client),
    bondingManager.unbondingPeriod(client),
    minter.inflation(client),
    minter.inflationChange(client),
    minter.targetBondingRate(client),
    bondingManager.totalBonded(client),
    // On Arbitrum that of both layers counts, which the Minter of the first layer does not know.
    client.chainId === 1 ? livepeerToken.totalSupply(client) : minter.getGlobalTotalSupply(client),
    controller.paused(client),
  ])
  // What belongs to the verification of the first protocol has no value in this one, but readers expect the fields.
  return {
    NumActiveTranscoders,
    RoundLength,
    RoundLockAmount,
    UnbondingPeriod,
    VerificationRate: 0,
    VerificationPeriod: null,
    SlashingPeriod: null,
    FailedVerificationSlashAmount: null,
    MissedVerificationSlashAmount: null,
    DoubleClaimSegmentSlashAmount: null,
    FinderFee: null,
    Inflation,
    InflationChange,
    TargetBondingRate,
    VerificationCodeHash: '',
    TotalBonded,
    TotalSupply,
    Paused,
  }
}

import {
  bondingManager,
  getOrchestrator,
  getPool,
  getServiceUri,
  joinHint,
  roundsManager,
  setServiceUri,
} from '@millrace/chain'
import { type Address, checksumAddress, goRational } from '@millrace/wire'
import { account, bondedAccount, needChain, needOrchestrator, type OperatorContext } from '../context.ts'
import type { Parameters } from '../parameters.ts'
import { readPrice, setPrice } from '../price-parameters.ts'
import { ApiError, done, json, type RouteCall, type Routes, text } from '../route.ts'
import { bondLpt, rebondLock } from './bonding.ts'

/** An orchestrator's own terms, on the chain and off it. */
export const orchestratorRoutes = (context: OperatorContext): Routes => ({
  '/orchestratorInfo': async () => {
    const { basePrice } = needOrchestrator(context)
    return json({
      Transcoder: await transcoderFacts(context, bondedAccount(context)),
      PriceInfo: goRational(basePrice),
    })
  },
  '/registeredOrchestrators': async () => {
    const pool = await getPool(needChain(context).client)
    return json(await Promise.all(pool.map((address) => transcoderFacts(context, address))))
  },
  '/orchestratorEarningPoolsForRound': async ({ parameters }) => {
    const round = parameters.integer('round')
    const { client } = account(context)
    const transcoder = bondedAccount(context)
    const pool = await bondingManager.getTranscoderEarningsPoolForRound(client, { transcoder, round })
    return json({
      TotalStake: pool.totalStake,
      TranscoderRewardCut: pool.transcoderRewardCut,
      TranscoderFeeShare: pool.transcoderFeeShare,
      CumulativeRewardFactor: pool.cumulativeRewardFactor,
      CumulativeFeeFactor: pool.cumulativeFeeFactor,
    })
  },
  '/activateOrchestrator': (call) => activate(context, call),
  '/setOrchestratorConfig': (call) => configure(context, call),
  '/setMaxFaceValue': ({ parameters }) => {
    needOrchestrator(context).maxFaceValue = parameters.integer('maxfacevalue')
    return text('ticket max face value set')
  },
  '/setPriceForBroadcaster': async ({ parameters }) => {
    const orchestrator = needOrchestrator(context)
    const price = readPrice(parameters, { unit: 'pricePerUnit' })
    const gateway = parameters.need('broadcasterEthAddr')
    const target = gateway === 'default' ? gateway : parameters.address('broadcasterEthAddr')
    await setPrice(() => orchestrator.setPrice(target, price))
    const [unit, pixels] = [parameters.need('pricePerUnit'), parameters.need('pixelsPerUnit')]
    return text(`Price per pixel set to ${unit} wei for ${pixels} pixels for broadcaster ${gateway}\n`)
  },
  '/setMaxSessions': ({ parameters }) => {
    const orchestrator = needOrchestrator(context)
    const wanted = parameters.need('maxSessions')
    if (wanted !== 'auto') {
      const sessions = Number(parameters.integer('maxSessions'))
      if (sessions < 1 || sessions > 100_000)
        throw new ApiError(400, "Max Sessions must be 'auto' or greater than zero")
      orchestrator.setMaxSessions(sessions)
    } else orchestrator.setMaxSessions('auto')
    return text(`Max sessions set to ${wanted}\n`)
  },
})

/** The account where it is the bonded one; a key that only calls rewards cannot change the terms of another account. */
function ownAccount(context: OperatorContext): ReturnType<typeof account> {
  const own = account(context)
  const bonded = bondedAccount(context)
  if (bonded === own.self) return own
  throw new ApiError(400, `terms are changed with the key of ${checksumAddress(bonded)}, which this node does not have`)
}

/** An orchestrator with the field names of go-livepeer. */
async function transcoderFacts(context: OperatorContext, address: Address): Promise<unknown> {
  const { client } = needChain(context)
  const [transcoder, stake, active, status, serviceUri] = await Promise.all([
    bondingManager.getTranscoder(client, address),
    bondingManager.transcoderTotalStake(client, address),
    bondingManager.isActive(client, address),
    bondingManager.transcoderStatus(client, address),
    getServiceUri(client, address),
  ])
  const own = context.orchestrator && address === bondedAccount(context) ? context.orchestrator : undefined
  return {
    Address: checksumAddress(address),
    ServiceURI: serviceUri,
    LastRewardRound: transcoder.lastRewardRound,
    RewardCut: transcoder.rewardCut,
    FeeShare: transcoder.feeShare,
    DelegatedStake: stake,
    ActivationRound: transcoder.activationRound,
    DeactivationRound: transcoder.deactivationRound,
    LastActiveStakeUpdateRound: transcoder.lastActiveStakeUpdateRound,
    Active: active,
    Status: status === 'registered' ? 'Registered' : 'Not Registered',
    // The chain knows no prices; readers want a number.
    PricePerPixel: own ? goRational(own.basePrice) : '0',
  }
}

/** Bonds to itself if asked to, then sets terms and address: what makes an account an orchestrator. */
async function activate(context: OperatorContext, { parameters, signal }: RouteCall) {
  const { client, sender, self } = ownAccount(context)
  const orchestrator = needOrchestrator(context)
  const cuts = { rewardCut: parameters.percent('blockRewardCut'), feeShare: parameters.percent('feeShare') }
  const price = readPrice(parameters, { unit: 'pricePerUnit' })
  const serviceUri = readServiceUri(parameters)
  const amount = parameters.findInteger('amount')
  const lock = parameters.findInteger('unbondingLockId')
  if (await bondingManager.isRegisteredTranscoder(client, self))
    throw new ApiError(400, 'orchestrator already registered')
  if (await roundsManager.currentRoundLocked(client)) throw new ApiError(500, 'current round is locked')
  await setPrice(() => orchestrator.setPrice('default', price))
  if (amount !== undefined && amount > 0n) await bondLpt(context, { amount, to: self }, { signal })
  if (lock !== undefined) await rebondLock(context, { unbondingLockId: lock, to: self }, { signal })
  const hint = await joinHint(client, self)
  await bondingManager.transcoderWithHint(client, sender, { ...cuts, ...hint }, { signal })
  await publishServiceUri(context, serviceUri, signal)
  return done
}

/** Changes what is named and leaves the rest. */
async function configure(context: OperatorContext, { parameters, signal }: RouteCall) {
  const { client, sender, self } = ownAccount(context)
  const orchestrator = needOrchestrator(context)
  const given = (name: string) => parameters.find(name) !== undefined
  const price =
    given('pricePerUnit') || given('pixelsPerUnit') ? readPrice(parameters, { unit: 'pricePerUnit' }) : undefined
  const serviceUri = given('serviceURI') ? readServiceUri(parameters) : undefined
  const rewardCut = given('blockRewardCut') ? parameters.percent('blockRewardCut') : undefined
  const feeShare = given('feeShare') ? parameters.percent('feeShare') : undefined
  // First, because it alone can fail on what the caller named, and nothing is on the chain yet.
  if (price) await setPrice(() => orchestrator.setPrice('default', price))
  if (rewardCut !== undefined || feeShare !== undefined) {
    const now = await getOrchestrator(client, self)
    const cuts = { rewardCut: rewardCut ?? now.rewardCut, feeShare: feeShare ?? now.feeShare }
    if (cuts.rewardCut !== now.rewardCut || cuts.feeShare !== now.feeShare) {
      if (await roundsManager.currentRoundLocked(client)) throw new ApiError(500, 'current round is locked')
      const hint = await joinHint(client, self)
      await bondingManager.transcoderWithHint(client, sender, { ...cuts, ...hint }, { signal })
    }
  }
  if (serviceUri !== undefined) await publishServiceUri(context, serviceUri, signal)
  return done
}

async function publishServiceUri(context: OperatorContext, serviceUri: string, signal: AbortSignal): Promise<void> {
  const { client, sender, self } = account(context)
  if ((await getServiceUri(client, self)) === serviceUri) return
  await setServiceUri(client, sender, serviceUri, { signal })
  needOrchestrator(context).serviceUri = serviceUri
}

function readServiceUri(parameters: Parameters): string {
  const uri = parameters.need('serviceURI')
  try {
    const { protocol, username, password } = new URL(uri)
    if (['https:', 'http:'].includes(protocol) && username === '' && password === '' && uri.length <= 2048) return uri
  } catch {
    // The same answer as for a URI of another kind.
  }
  throw new ApiError(400, 'serviceURI must be an address like https://host:8935')
}

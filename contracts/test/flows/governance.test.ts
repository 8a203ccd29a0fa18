import { parseEther } from 'viem'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  bondingManagerAbi,
  controllerAbi,
  governorAbi,
  livepeerGovernorAbi,
  livepeerTokenAbi,
} from '../../ts/generated/abis.ts'
import { callData, type Flow, openNetwork, parameters, people, single } from './network.ts'

const { deployer, olive, otto, dora, dan, spe, multisig } = people
const [against, inFavour] = [0, 1]
const [active, defeated, succeeded, queued, executed] = [1, 3, 4, 5, 7]

let network: Flow
afterEach(() => network?.[Symbol.asyncDispose]())

describe('stakers', () => {
  beforeEach(async () => {
    network = await openNetwork({ governance: {} })
    await network.startStaking()
  })

  test('change a rule of their governor: propose, vote, override, queue, execute', async () => {
    const { governance, contracts, nextRound, read } = network
    const target = contracts.livepeerGovernor!
    const change = callData(livepeerGovernorAbi, 'setProposalThreshold', [parseEther('250')])
    const proposal = single(target, change, 'Ask more stake of proposers')
    await governance.propose(dan, proposal)
    await nextRound(2)
    expect(await governance.state(proposal)).toBe(active)

    await governance.vote(olive, proposal, against)
    expect(await governance.votes(proposal)).toEqual([parseEther('1300'), 0n, 0n])
    await governance.vote(dora, proposal, inFavour)
    expect(await governance.votes(proposal)).toEqual([parseEther('1000'), parseEther('300'), 0n])
    await governance.vote(dan, proposal, inFavour)
    await governance.vote(otto, proposal, inFavour)
    expect(await governance.votes(proposal)).toEqual([parseEther('1000'), parseEther('1000'), 0n])
    await expect(governance.vote(otto, proposal, inFavour)).rejects.toThrow('VoteAlreadyCast')

    await nextRound(2)
    expect(await governance.state(proposal)).toBe(succeeded)
    await expect(governance.execute(dan, proposal)).rejects.toThrow('TimelockController: operation is not ready')
    await governance.queue(dan, proposal)
    expect(await governance.state(proposal)).toBe(queued)
    await governance.execute(dan, proposal)
    expect(await governance.state(proposal)).toBe(executed)
    expect(await read(target, livepeerGovernorAbi, 'proposalThreshold')).toBe(parseEther('250'))
    const next = single(target, change, 'Once more')
    await expect(governance.propose(dan, next)).rejects.toThrow('below proposal threshold')
  })

  test('pay an SPE from the treasury, and refuse the next one', async () => {
    const { governance, contracts, nextRound, send, lptOf } = network
    const { treasury, livepeerToken } = contracts
    await send(deployer, livepeerToken, livepeerTokenAbi, 'transfer', [treasury, parseEther('1000')])
    const pay = (lpt: string, description: string) =>
      single(livepeerToken, callData(livepeerTokenAbi, 'transfer', [spe.address, parseEther(lpt)]), description)

    const before = await lptOf(spe.address)
    await governance.carryOut(pay('600', 'An SPE that writes documentation'))
    expect(await lptOf(spe.address)).toBe(before + parseEther('600'))
    expect(await lptOf(treasury)).toBe(parseEther('400'))

    const greedy = pay('400', 'The rest, please')
    await governance.propose(dora, greedy)
    await nextRound(2)
    await governance.vote(olive, greedy, against)
    await nextRound(2)
    expect(await governance.state(greedy)).toBe(defeated)
    await expect(governance.queue(dora, greedy)).rejects.toThrow('Governor: proposal not successful')
    expect(await lptOf(treasury)).toBe(parseEther('400'))
  })
})

test('the owner of the protocol changes a parameter after announcing it, and nobody else can', async () => {
  network = await openNetwork({ governance: { owner: 'governor', governorOwner: multisig.address } })
  const { contracts, send, read, update } = network
  const { bondingManager } = contracts
  const change = callData(bondingManagerAbi, 'setUnbondingPeriod', [9n])
  await expect(send(deployer, bondingManager, bondingManagerAbi, 'setUnbondingPeriod', [9n])).rejects.toThrow(
    'caller must be Controller owner',
  )
  await expect(update(deployer, [[bondingManager, change]])).rejects.toThrow('unauthorized: msg.sender not owner')
  await update(multisig, [[bondingManager, change]], { delay: 50n })
  expect(await read(bondingManager, bondingManagerAbi, 'unbondingPeriod')).toBe(9n)

  const early = { target: [bondingManager], value: [0n], data: [change], nonce: 1n }
  await send(multisig, contracts.governor!, governorAbi, 'stage', [early, 50n])
  await expect(send(dan, contracts.governor!, governorAbi, 'execute', [early])).rejects.toThrow(
    'delay for update not expired',
  )
})

test('where the treasury owns the protocol, stakers change its parameters themselves', async () => {
  network = await openNetwork({ governance: { owner: 'treasury' } })
  await network.startStaking()
  const { governance, contracts, read, send } = network
  const { bondingManager, controller } = contracts
  await expect(send(deployer, controller, controllerAbi, 'pause')).rejects.toThrow()
  await governance.carryOut({
    targets: [bondingManager, bondingManager],
    values: [0n, 0n],
    calldatas: [
      callData(bondingManagerAbi, 'setTreasuryRewardCutRate', [10n ** 26n]),
      callData(bondingManagerAbi, 'setUnbondingPeriod', [3n]),
    ],
    description: 'Fund the treasury, and unbond faster',
  })
  expect(await read(bondingManager, bondingManagerAbi, 'nextRoundTreasuryRewardCutRate')).toBe(10n ** 26n)
  expect(await read(bondingManager, bondingManagerAbi, 'unbondingPeriod')).toBe(3n)
})

test('a multisig can leave the governor to the treasury, whose proposals then announce changes', async () => {
  network = await openNetwork({ governance: { owner: 'governor', governorOwner: multisig.address } })
  await network.startStaking()
  const { governance, contracts, read, send, update } = network
  const { bondingManager, treasury } = contracts
  const governor = contracts.governor!
  await update(multisig, [[governor, callData(governorAbi, 'transferOwnership', [treasury])]])
  expect(await read(governor, governorAbi, 'owner')).toBe(treasury)

  const change = {
    target: [bondingManager],
    value: [0n],
    data: [callData(bondingManagerAbi, 'setUnbondingPeriod', [4n])],
    nonce: 0n,
  }
  await governance.carryOut(single(governor, callData(governorAbi, 'stage', [change, 5n]), 'Unbond faster'))
  await expect(send(dan, governor, governorAbi, 'execute', [change])).rejects.toThrow('delay for update not expired')
  await network.testClient.mine({ blocks: 5 })
  await send(dan, governor, governorAbi, 'execute', [change])
  expect(await read(bondingManager, bondingManagerAbi, 'unbondingPeriod')).toBe(4n)
  expect(parameters.unbondingPeriod).not.toBe(4n)
})

import { type ChainClient, connectChain, type Poll, readPolls, readPollTally } from '@millrace/chain'
import { numberToHex, parseEther, stringToHex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bondingManagerAbi, pollAbi, pollCreatorAbi } from '../../ts/generated/abis.ts'
import { type Flow, openNetwork, people } from './network.ts'

const { olive, otto, dora, dan, spe } = people
const [yes, no] = [0n, 1n]

let network: Flow
let client: ChainClient
let poll: Poll
let source: { pollCreator: `0x${string}` }

beforeAll(async () => {
  network = await openNetwork({ governance: {} })
  await network.startStaking()
  const controller = network.contracts.controller.toLowerCase() as `0x${string}`
  client = await connectChain({ url: network.anvil.url, controller })
  source = { pollCreator: network.contracts.pollCreator }
})
afterAll(() => network?.[Symbol.asyncDispose]())

const vote = (who: (typeof people)['olive'], choice: bigint) =>
  network.send(who, poll.address, pollAbi, 'vote', [choice])

test('whoever has 100 LPT of stake asks a question, which everybody finds', async () => {
  const { send, contracts } = network
  const create = (who: typeof olive) =>
    send(who, contracts.pollCreator, pollCreatorAbi, 'createPoll', [stringToHex('QmProposal')])
  await expect(create(spe)).rejects.toThrow('PollCreator#createPoll: INSUFFICIENT_STAKE')
  expect(await readPolls(client, source)).toEqual([])
  const { blockNumber } = await create(dora)
  const polls = await readPolls(client, source)
  expect(polls).toEqual([
    {
      address: expect.stringMatching(/^0x[0-9a-f]{40}$/),
      proposal: stringToHex('QmProposal'),
      endBlock: blockNumber + 57_600n,
      quorum: 333_300n,
      quota: 500_000n,
      createdAt: blockNumber,
    },
  ])
  poll = polls[0]!
})

test('votes are counted by stake while the poll is open, the last of each voter', async () => {
  expect(await readPollTally(client, poll, source)).toMatchObject({ open: true, yes: 0n, no: 0n, outcome: 'no_quorum' })
  await vote(dora, no)
  await vote(olive, no)
  expect(await readPollTally(client, poll, source)).toMatchObject({ yes: 0n, no: parseEther('1300') })
  await vote(olive, yes)
  // A choice that does not exist leaves the one before it.
  await vote(olive, 7n)
  await vote(spe, yes)
  expect(await readPollTally(client, poll, source)).toMatchObject({
    yes: parseEther('1000'),
    no: parseEther('300'),
    totalStake: parseEther('2000'),
    outcome: 'accepted',
  })
})

test('the result is that of the stakes in the last block of the poll, whatever happens after it', async () => {
  const { testClient, publicClient, contracts, bond, send } = network
  await vote(dan, no)
  await bond(dora, '450', olive)
  // A chain of 57600 blocks takes minutes to make, so the end, which the poll keeps in slot 0, is brought nearer.
  poll = { ...poll, endBlock: (await publicClient.getBlockNumber()) + 120n }
  await testClient.setStorageAt({ address: poll.address, index: 0, value: numberToHex(poll.endBlock, { size: 32 }) })
  await testClient.mine({ blocks: 119 })
  // This vote is in the last block.
  await vote(otto, no)
  expect(await publicClient.getBlockNumber()).toBe(poll.endBlock)
  await testClient.mine({ blocks: 1 })
  await expect(vote(otto, yes)).rejects.toThrow('poll is over')
  const expected = {
    open: false,
    // olive has 1000 LPT; dora 750, dan 200 and otto 500 are against.
    yes: parseEther('1000'),
    no: parseEther('1450'),
    outcome: 'rejected',
  }
  await network.nextRound()
  expect(await readPollTally(client, poll, source)).toMatchObject(expected)
  await send(otto, contracts.bondingManager, bondingManagerAbi, 'unbond', [parseEther('500')])
  await bond(olive, '3000', olive)
  await send(spe, poll.address, pollAbi, 'destroy')
  expect(await readPollTally(client, poll, source)).toMatchObject(expected)
  expect(await readPollTally(client, poll, { ...source, logSpan: 25n })).toMatchObject(expected)
})

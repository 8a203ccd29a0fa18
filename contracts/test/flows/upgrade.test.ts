import { type Address, encodeAbiParameters, getAddress, type Hex, keccak256, parseEther } from 'viem'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ContractName, contractId } from '../../ts/contract-ids.ts'
import * as abis from '../../ts/generated/abis.ts'
import * as bytecode from '../../ts/generated/bytecode.ts'
import { callData, type Flow, openNetwork, people, single } from './network.ts'

const { deployer, olive, otto, dora, dan, spe, multisig } = people

let network: Flow
beforeEach(async () => {
  network = await openNetwork({ governance: { owner: 'governor', governorOwner: multisig.address } })
})
afterEach(() => network?.[Symbol.asyncDispose]())

/** The proxied contracts with the code behind them. */
const proxied = [
  ['BondingManager', 'bondingManager', abis.bondingManagerAbi, bytecode.bondingManagerBytecode],
  ['BondingVotes', 'bondingVotes', abis.bondingVotesAbi, bytecode.bondingVotesBytecode],
  ['TicketBroker', 'ticketBroker', abis.ticketBrokerAbi, bytecode.ticketBrokerBytecode],
  ['RoundsManager', 'roundsManager', abis.roundsManagerAbi, bytecode.roundsManagerBytecode],
  ['ServiceRegistry', 'serviceRegistry', abis.serviceRegistryAbi, bytecode.serviceRegistryBytecode],
  ['LivepeerGovernor', 'livepeerGovernor', abis.livepeerGovernorAbi, bytecode.livepeerGovernorBytecode],
] as const

test('every contract behind a proxy is replaced through the owner, and nothing that it knew is lost', async () => {
  const { contracts, read, update, reward, nextRound, bond } = network
  const proposal = await use()
  const targets: Record<string, Address> = {}
  for (const [name, , , code] of proxied) targets[name] = await deploy(code)
  const before = await readEverything(await network.governance.idOf(proposal))
  const refused = Object.values(before).filter((answer) => String(answer).startsWith('fails: '))
  expect(Object.keys(before).length).toBeGreaterThan(250)
  expect(refused.length).toBeLessThan(Object.keys(before).length / 10)

  const calls = proxied.map(([name]) => {
    const args = [contractId(`${name}Target` as ContractName), targets[name]!, `0x${'c0'.repeat(20)}`]
    return [contracts.controller, callData(abis.controllerAbi, 'setContractInfo', args)] as const
  })
  await update(multisig, calls)
  for (const [name, key] of proxied) {
    const id = contractId(`${name}Target` as ContractName)
    const info = await read<readonly [Address, Hex]>(contracts.controller, abis.controllerAbi, 'getContractInfo', [id])
    expect(info, name).toEqual([targets[name], `0x${'c0'.repeat(20)}`])
    expect(await read(contracts[key]!, abis.managerProxyAbi, 'targetContractId'), name).toBe(id)
  }
  expect(await readEverything(await network.governance.idOf(proposal))).toEqual(before)

  // And everything goes on from there: the vote to its payment, a new round, rewards, stake, the rest of the deposit.
  const { governance, lptOf } = network
  await governance.vote(otto, proposal, 1)
  await nextRound(2)
  const paid = await lptOf(spe.address)
  await governance.queue(dan, proposal)
  await governance.execute(dan, proposal)
  expect(await lptOf(spe.address)).toBe(paid + parseEther('5'))
  await reward(olive)
  await bond(dan, '10', otto)
  await network.send(dora, contracts.bondingManager, abis.bondingManagerAbi, 'rebond', [0n])
  await network.send(dan, contracts.ticketBroker, abis.ticketBrokerAbi, 'cancelUnlock')
})

test('the proxy of a contract whose target is taken away refuses every call until there is one again', async () => {
  const { contracts, read, update } = network
  const id = contractId('RoundsManagerTarget')
  const register = (target: Address) =>
    [
      contracts.controller,
      callData(abis.controllerAbi, 'setContractInfo', [id, target, `0x${'00'.repeat(20)}`]),
    ] as const
  const round = () => read<bigint>(contracts.roundsManager, abis.roundsManagerAbi, 'currentRound')
  await update(multisig, [register('0x0000000000000000000000000000000000000000')])
  await expect(round()).rejects.toThrow('target contract must be registered')
  await update(multisig, [register(contracts.targets.roundsManager)])
  expect(await round()).toBeGreaterThan(0n)
})

/** Leaves something behind in every contract; returns a proposal in the middle of its vote. */
async function use() {
  const { contracts, send, bond, nextRound, reward, startStaking, governance } = network
  const { bondingManager, ticketBroker, treasury, livepeerToken, roundsManager } = contracts
  await startStaking()
  await reward(olive)
  await send(olive, bondingManager, abis.bondingManagerAbi, 'transcoder', [100_000n, 500_000n])
  await nextRound()
  await send(olive, contracts.serviceRegistry, abis.serviceRegistryAbi, 'setServiceURI', ['https://127.0.0.1:8935'])
  await send(dan, ticketBroker, abis.ticketBrokerAbi, 'fundDepositAndReserve', [30n, 20n], 50n)
  await send(dan, ticketBroker, abis.ticketBrokerAbi, 'unlock')
  await redeem(1n)
  await reward(olive)
  await send(dora, bondingManager, abis.bondingManagerAbi, 'unbond', [parseEther('20')])
  await send(deployer, livepeerToken, abis.livepeerTokenAbi, 'transfer', [treasury, parseEther('100')])
  const pay = callData(abis.livepeerTokenAbi, 'transfer', [spe.address, parseEther('5')])
  const proposal = single(livepeerToken, pay, 'Five LPT')
  await governance.propose(olive, proposal)
  await nextRound(2)
  await reward(otto)
  await bond(dora, '30', olive)
  await governance.vote(dora, proposal, 0)
  await governance.vote(olive, proposal, 1)
  expect(await network.read(roundsManager, abis.roundsManagerAbi, 'currentRoundInitialized')).toBe(true)
  return proposal

  /** Redeems a ticket of spe that always wins. */
  async function redeem(nonce: bigint): Promise<void> {
    await send(spe, ticketBroker, abis.ticketBrokerAbi, 'fundDeposit', [], parseEther('2'))
    const round = await network.read<bigint>(roundsManager, abis.roundsManagerAbi, 'currentRound')
    const hash = await network.read<Hex>(roundsManager, abis.roundsManagerAbi, 'blockHashForRound', [round])
    const ticket = {
      recipient: olive.address,
      sender: spe.address,
      faceValue: parseEther('1'),
      winProb: 2n ** 256n - 1n,
      senderNonce: nonce,
      recipientRandHash: keccak256(encodeAbiParameters([{ type: 'uint256' }], [7n])),
      auxData: encodeAbiParameters([{ type: 'uint256' }, { type: 'bytes32' }], [round, hash]),
    }
    const ticketHash = await network.read<Hex>(ticketBroker, abis.ticketBrokerAbi, 'getTicketHash', [ticket])
    const signature = await spe.signMessage({ message: { raw: ticketHash } })
    await send(olive, ticketBroker, abis.ticketBrokerAbi, 'redeemWinningTicket', [ticket, signature, 7n])
  }
}

async function deploy(code: Hex): Promise<Address> {
  const args = encodeAbiParameters([{ type: 'address' }], [network.contracts.controller])
  const { rpc } = network.anvil
  const hash = (await rpc.request('eth_sendTransaction', {
    from: deployer.address,
    data: `${code}${args.slice(2)}`,
    gas: '0x989680',
  })) as Hex
  await rpc.request('evm_mine')
  const receipt = await network.publicClient.getTransactionReceipt({ hash })
  return getAddress(receipt.contractAddress!)
}

/** The answer of every view function of the proxied contracts, for everybody and every id that is used. */
async function readEverything(proposalId: bigint): Promise<Record<string, unknown>> {
  const round = await network.read<bigint>(network.contracts.roundsManager, abis.roundsManagerAbi, 'currentRound')
  const who = Object.values(people).map(({ address }) => address)
  const answers: Record<string, unknown> = {}
  for (const [name, key, abi] of proxied) {
    const views = abi.filter(
      (item) => item.type === 'function' && (item.stateMutability === 'view' || item.stateMutability === 'pure'),
    ) as readonly View[]
    for (const view of views) {
      // Blocks pass between two readings.
      if (view.name === 'blockNum') continue
      for (const args of argumentsOf(view, who, round, proposalId)) {
        const label = `${name}.${view.name}(${args.join(', ')})`
        answers[label] = await network.read(network.contracts[key]!, [view], view.name, args).catch((error) => {
          return `fails: ${(error as { shortMessage: string }).shortMessage}`
        })
      }
    }
  }
  return answers
}

type View = { readonly name: string; readonly inputs: readonly { readonly name: string; readonly type: string }[] }

/** All combinations of values that mean something to a view function; none for those that take a whole ticket or call. */
function argumentsOf({ inputs }: View, who: readonly Address[], round: bigint, proposalId: bigint): unknown[][] {
  const values = inputs.map(({ name, type }): readonly unknown[] => {
    if (type === 'address') return who
    if (/proposalId/i.test(name)) return [proposalId]
    if (/round|timepoint/i.test(name)) return [round - 2n, round - 1n, round]
    if (type === 'uint256') return [0n, 1n]
    if (type === 'bytes4') return ['0x01ffc9a7']
    if (type === 'bytes32') return [`0x${'00'.repeat(32)}`]
    return type === 'bytes' ? ['0x'] : []
  })
  return values.reduce<unknown[][]>((all, next) => all.flatMap((args) => next.map((value) => [...args, value])), [[]])
}

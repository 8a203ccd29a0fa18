import {
  type Address,
  createPublicClient,
  createTestClient,
  createWalletClient,
  erc20Abi,
  getContract,
  http,
  keccak256,
  parseAbi,
  parseEther,
  stringToHex,
  zeroAddress,
} from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ContractName, contractId, contractIds } from './contract-ids.ts'
import {
  arbitrumOne,
  arbSysAddress,
  DeployError,
  deployProtocol,
  devnet,
  installArbSys,
  type NetworkParameters,
  type ProtocolAddresses,
} from './deploy.ts'
import {
  bondingManagerAbi,
  controllerAbi,
  livepeerGovernorAbi,
  livepeerTokenAbi,
  livepeerTokenFaucetAbi,
  managerProxyAbi,
  merkleSnapshotAbi,
  minterAbi,
  pollCreatorAbi,
  roundsManagerAbi,
  serviceRegistryAbi,
  ticketBrokerAbi,
  treasuryAbi,
} from './generated/abis.ts'
import { type Anvil, startAnvil } from './testing/anvil.ts'

const mnemonic = 'test test test test test test test test test test test junk'
const [deployer, orchestrator, multisig, migrator] = [0, 1, 2, 3].map((addressIndex) =>
  mnemonicToAccount(mnemonic, { addressIndex }),
) as [Account, Account, Account, Account]
type Account = ReturnType<typeof mnemonicToAccount>

const clients = (anvil: Anvil) => {
  const transport = http(anvil.url)
  return {
    publicClient: createPublicClient({ transport, pollingInterval: 50 }),
    walletClient: createWalletClient({ transport, account: deployer }),
    testClient: createTestClient({ transport, mode: 'anvil' }),
  }
}

describe.each([
  ['a chain that mines every transaction', []],
  ['a chain that mines every second and asks no fees', ['--block-time', '1']],
])('a network deployed on %s', (_, args) => {
  let anvil: Anvil
  let network: ProtocolAddresses
  let chain: ReturnType<typeof clients>

  beforeAll(async () => {
    anvil = await startAnvil([...args, '--gas-price', '1', '--block-base-fee-per-gas', '0'])
    chain = clients(anvil)
    network = await deployProtocol({
      ...chain,
      parameters: devnet,
      governance: {},
      migrator: migrator.address,
      allocations: [{ account: orchestrator.address, amount: parseEther('5000') }],
    })
  })
  afterAll(() => anvil?.[Symbol.asyncDispose]())

  const read = <const abi extends readonly unknown[]>(address: Address, abi: abi) =>
    getContract({ address, abi, client: chain.publicClient })

  test('has every contract under its registry id', async () => {
    const expected: [ContractName, Address][] = [
      ['LivepeerToken', network.livepeerToken],
      ['Minter', network.minter],
      ['TicketBroker', network.ticketBroker],
      ['TicketBrokerTarget', network.targets.ticketBroker],
      ['JobsManager', network.ticketBroker],
      ['BondingManager', network.bondingManager],
      ['BondingManagerTarget', network.targets.bondingManager],
      ['BondingVotes', network.bondingVotes],
      ['BondingVotesTarget', network.targets.bondingVotes],
      ['RoundsManager', network.roundsManager],
      ['RoundsManagerTarget', network.targets.roundsManager],
      ['ServiceRegistry', network.serviceRegistry],
      ['ServiceRegistryTarget', network.targets.serviceRegistry],
      ['L2LPTDataCache', network.l2LPTDataCache],
      ['LivepeerTokenFaucet', network.livepeerTokenFaucet!],
      ['Treasury', network.treasury],
      ['MerkleSnapshot', network.merkleSnapshot],
      ['LivepeerGovernor', network.livepeerGovernor!],
      ['LivepeerGovernorTarget', network.targets.livepeerGovernor!],
      ['L2Migrator', migrator.address],
      ['Verifier', zeroAddress],
    ]
    const { read: controller } = read(network.controller, controllerAbi)
    for (const [name, address] of expected) expect(await controller.getContract([contractId(name)]), name).toBe(address)
    expect(await controller.owner()).toBe(deployer.address)
    expect(await controller.paused()).toBe(false)
  })

  test('runs each target behind a proxy that belongs to the Controller', async () => {
    for (const name of [
      'ticketBroker',
      'bondingManager',
      'bondingVotes',
      'roundsManager',
      'serviceRegistry',
      'livepeerGovernor',
    ] as const) {
      const proxy = read(network[name]!, managerProxyAbi).read
      const targetName = `${name[0]!.toUpperCase()}${name.slice(1)}Target` as ContractName
      expect(await proxy.targetContractId(), name).toBe(contractId(targetName))
      expect(await proxy.controller(), name).toBe(network.controller)
    }
  })

  test('has the parameters it was given', async () => {
    const bonding = read(network.bondingManager, bondingManagerAbi).read
    const rounds = read(network.roundsManager, roundsManagerAbi).read
    const broker = read(network.ticketBroker, ticketBrokerAbi).read
    const minter = read(network.minter, minterAbi).read
    const faucet = read(network.livepeerTokenFaucet!, livepeerTokenFaucetAbi).read
    const governor = read(network.livepeerGovernor!, livepeerGovernorAbi).read
    const actual: NetworkParameters = {
      inflation: await minter.inflation(),
      inflationChange: await minter.inflationChange(),
      targetBondingRate: await minter.targetBondingRate(),
      unbondingPeriod: await bonding.unbondingPeriod(),
      numActiveTranscoders: await bonding.getTranscoderPoolMaxSize(),
      treasuryRewardCutRate: await bonding.nextRoundTreasuryRewardCutRate(),
      treasuryBalanceCeiling: await bonding.treasuryBalanceCeiling(),
      roundLength: await rounds.roundLength(),
      roundLockAmount: await rounds.roundLockAmount(),
      unlockPeriod: await broker.unlockPeriod(),
      ticketValidityPeriod: await broker.ticketValidityPeriod(),
      governance: {
        votingDelay: await governor.votingDelay(),
        votingPeriod: await governor.votingPeriod(),
        proposalThreshold: await governor.proposalThreshold(),
        quorum: await governor.quorumNumerator(),
        quota: await governor.quota(),
      },
      faucet: {
        requestAmount: await faucet.requestAmount(),
        requestWaitHours: await faucet.requestWait(),
        stock: await read(network.livepeerToken, erc20Abi).read.balanceOf([network.livepeerTokenFaucet!]),
      },
    }
    expect(actual).toEqual(devnet)
  })

  test('lets nobody but the Minter mint', async () => {
    const token = read(network.livepeerToken, livepeerTokenAbi).read
    const minterRole = keccak256(stringToHex('MINTER_ROLE'))
    expect(await token.hasRole([minterRole, network.minter])).toBe(true)
    expect(await token.hasRole([minterRole, deployer.address])).toBe(false)
    expect(await token.balanceOf([orchestrator.address])).toBe(parseEther('5000'))
    expect(await token.totalSupply()).toBe(parseEther('5000') + devnet.faucet!.stock)
  })

  test('gives the roles of the treasury to the governor and to nobody else', async () => {
    const timelock = read(network.treasury, treasuryAbi).read
    for (const name of ['PROPOSER_ROLE', 'CANCELLER_ROLE', 'EXECUTOR_ROLE']) {
      const role = keccak256(stringToHex(name))
      expect(await timelock.hasRole([role, network.livepeerGovernor!]), name).toBe(true)
      expect(await timelock.hasRole([role, deployer.address]), name).toBe(false)
    }
    expect(await timelock.hasRole([keccak256(stringToHex('TIMELOCK_ADMIN_ROLE')), deployer.address])).toBe(false)
    expect(await timelock.getMinDelay()).toBe(0n)
    const governor = read(network.livepeerGovernor!, livepeerGovernorAbi).read
    expect(await governor.timelock()).toBe(network.treasury)
    expect(await governor.token()).toBe(network.bondingVotes)
    expect(await governor.CLOCK_MODE()).toBe('mode=livepeer_round')
    // Set in the round it was made in, not in a block: the clock counted rounds already.
    const rounds = read(network.roundsManager, roundsManagerAbi).read
    expect(await governor.quorumNumerator([await rounds.currentRound()])).toBe(devnet.governance.quorum)
  })

  test('has polls, Merkle snapshots and a registry of AI services', async () => {
    expect(await read(network.pollCreator, pollCreatorAbi).read.bondingManager()).toBe(network.bondingManager)
    expect(await read(network.merkleSnapshot, merkleSnapshotAbi).read.controller()).toBe(network.controller)
    expect(await read(network.aiServiceRegistry, serviceRegistryAbi).read.controller()).toBe(network.controller)
  })

  test('starts rounds, takes stake, pays the faucet and publishes service addresses', async () => {
    const walletClient = createWalletClient({ transport: http(anvil.url), account: orchestrator })
    // To the beginning of a round, so that all that follows is in the same one.
    const { roundLength } = devnet
    await chain.testClient.mine({
      blocks: Number(roundLength - ((await chain.publicClient.getBlockNumber()) % roundLength)),
    })
    const send = async (address: Address, abi: readonly unknown[], functionName: string, args: unknown[] = []) => {
      const hash = await walletClient.writeContract({ address, abi, functionName, args, chain: null } as never)
      const receipt = await chain.publicClient.waitForTransactionReceipt({ hash })
      expect(receipt.status, functionName).toBe('success')
    }
    await send(network.roundsManager, roundsManagerAbi, 'initializeRound')
    await send(network.livepeerToken, erc20Abi, 'approve', [network.bondingManager, parseEther('1000')])
    await send(network.bondingManager, bondingManagerAbi, 'bond', [parseEther('1000'), orchestrator.address])
    await send(network.livepeerTokenFaucet!, livepeerTokenFaucetAbi, 'request')
    await send(network.serviceRegistry, serviceRegistryAbi, 'setServiceURI', ['https://127.0.0.1:8935'])
    await send(network.aiServiceRegistry, serviceRegistryAbi, 'setServiceURI', ['https://127.0.0.1:9935'])

    const bonding = read(network.bondingManager, bondingManagerAbi).read
    expect(await bonding.getFirstTranscoderInPool()).toBe(orchestrator.address)
    expect(await bonding.transcoderTotalStake([orchestrator.address])).toBe(parseEther('1000'))
    const token = read(network.livepeerToken, erc20Abi).read
    expect(await token.balanceOf([orchestrator.address])).toBe(parseEther('4010'))
    const registry = read(network.serviceRegistry, serviceRegistryAbi).read
    expect(await registry.getServiceURI([orchestrator.address])).toBe('https://127.0.0.1:8935')
    const aiRegistry = read(network.aiServiceRegistry, serviceRegistryAbi).read
    expect(await aiRegistry.getServiceURI([orchestrator.address])).toBe('https://127.0.0.1:9935')
  })

  test('names the block before which nothing of it happened', async () => {
    const { publicClient } = chain
    const before = network.deployedAtBlock - 1n
    expect(await publicClient.getCode({ address: network.controller, blockNumber: before })).toBeUndefined()
    expect(await publicClient.getCode({ address: network.controller })).toBeDefined()
  })
})

describe('deploying', () => {
  let anvil: Anvil
  beforeAll(async () => {
    anvil = await startAnvil()
  })
  afterAll(() => anvil?.[Symbol.asyncDispose]())

  test('with the parameters of the live network makes no faucet and leaves the treasury to the deployer', async () => {
    const chain = clients(anvil)
    const network = await deployProtocol({ ...chain, parameters: arbitrumOne })
    const { read } = getContract({ address: network.controller, abi: controllerAbi, client: chain.publicClient })
    expect(network.livepeerTokenFaucet).toBeUndefined()
    expect(await read.getContract([contractIds.LivepeerTokenFaucet])).toBe(zeroAddress)
    expect(await read.getContract([contractIds.Treasury])).toBe(deployer.address)
    expect(await read.getContract([contractIds.L2Migrator])).toBe(zeroAddress)
  })

  test('with a governor leaves the protocol, the token and the faucet to it, and the governor to its owner', async () => {
    const chain = clients(anvil)
    const network = await deployProtocol({
      ...chain,
      parameters: devnet,
      governance: { owner: 'governor', governorOwner: multisig.address },
    })
    const ownerOf = (address: Address) =>
      getContract({ address, abi: controllerAbi, client: chain.publicClient }).read.owner()
    expect(await ownerOf(network.controller)).toBe(network.governor)
    expect(await ownerOf(network.livepeerTokenFaucet!)).toBe(network.governor)
    expect(await ownerOf(network.governor!)).toBe(multisig.address)
    await expectTokenAdmin(chain, network, network.governor!)
  })

  test('with the treasury as owner leaves everything to votes', async () => {
    const chain = clients(anvil)
    const network = await deployProtocol({ ...chain, parameters: devnet, governance: { owner: 'treasury' } })
    const { read } = getContract({ address: network.controller, abi: controllerAbi, client: chain.publicClient })
    expect(await read.owner()).toBe(network.treasury)
    expect(network.governor).toBeUndefined()
    await expectTokenAdmin(chain, network, network.treasury)
  })

  test('refuses a given treasury together with one that stakers govern', async () => {
    const options = { ...clients(anvil), parameters: devnet, treasury: multisig.address, governance: {} }
    await expect(deployProtocol(options)).rejects.toThrow('either a given treasury or one that stakers govern')
  })

  test('twice on one chain gives two networks', async () => {
    const chain = clients(anvil)
    const first = await deployProtocol({ ...chain, parameters: devnet })
    const second = await deployProtocol({ ...chain, parameters: devnet, rounds: 'adjustable' })
    expect(new Set([...Object.values(first.targets), ...Object.values(second.targets)]).size).toBe(10)
    expect(first.controller).not.toBe(second.controller)
  })

  test('stops with the name of the step that failed', async () => {
    const chain = clients(anvil)
    const walletClient = {
      ...chain.walletClient,
      // Too little gas for the Controller's code, but enough to be mined.
      sendTransaction: (transaction: object) =>
        chain.walletClient.sendTransaction({ ...transaction, gas: 100_000n } as never),
    } as typeof chain.walletClient
    const failure = await deployProtocol({ ...chain, walletClient, parameters: devnet }).catch((error) => error)
    expect(failure).toBeInstanceOf(DeployError)
    expect(failure).toMatchObject({ code: 'contract_deploy_failed', step: 'Controller' })
  })

  test('an ArbSys stand-in answers with a layer 2 height of its own', async () => {
    const { publicClient, testClient } = clients(anvil)
    const arbSys = getContract({
      address: arbSysAddress,
      abi: parseAbi([
        'function arbBlockNumber() view returns (uint256)',
        'function arbChainID() view returns (uint256)',
        'function isTopLevelCall() view returns (bool)',
      ]),
      client: publicClient,
    })
    await installArbSys(testClient, { blockOffset: 1_000_000n })
    expect(await arbSys.read.arbBlockNumber()).toBe((await publicClient.getBlockNumber()) + 1_000_000n)
    expect(await arbSys.read.arbChainID()).toBe(31_337n)
    expect(await arbSys.read.isTopLevelCall()).toBe(true)
    await installArbSys(testClient)
    expect(await arbSys.read.arbBlockNumber()).toBe(await publicClient.getBlockNumber())
  })
})

async function expectTokenAdmin(chain: ReturnType<typeof clients>, network: ProtocolAddresses, admin: Address) {
  const { read } = getContract({ address: network.livepeerToken, abi: livepeerTokenAbi, client: chain.publicClient })
  const role = await read.DEFAULT_ADMIN_ROLE()
  expect(await read.hasRole([role, admin])).toBe(true)
  expect(await read.hasRole([role, deployer.address])).toBe(false)
}

test('registry ids are those of the deployed Controller', () => {
  const deployedIds: Partial<Record<ContractName, RegExp>> = {
    Minter: /^0x6e58ad54.*9940$/,
    LivepeerToken: /^0x3443e257.*3ba7$/,
    BondingManager: /^0x2517d59a.*9e37$/,
    BondingManagerTarget: /^0xfc6f6f33.*92e4$/,
    RoundsManager: /^0xe8438ea8.*1fe8$/,
    TicketBroker: /^0xbd1aa3e8.*e239$/,
    JobsManager: /^0x3d745653.*5c2d$/,
    ServiceRegistry: /^0x79c5d2a4.*b230$/,
    BondingVotes: /^0x2a1b465f.*06b2$/,
    Treasury: /^0x6efca286.*1a9b$/,
    LivepeerGovernor: /^0xaea11c65.*cdcd$/,
    L2LPTDataCache: /^0x8ecfba41.*3200$/,
    L2Migrator: /^0x74b6d21e.*c7c3$/,
    Verifier: /^0x121833d5.*233f$/,
  }
  for (const [name, id] of Object.entries(deployedIds)) expect(contractIds[name as ContractName], name).toMatch(id)
})

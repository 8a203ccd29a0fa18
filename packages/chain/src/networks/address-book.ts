import type { Address } from '@millrace/wire'

/** The contracts of the live network on Arbitrum One; proxied ones by their proxy, with the code behind it as `...Target`. */
export const arbitrumOneContracts = {
  controller: '0xD8E8328501E9645d16Cf49539efC04f734606ee4',
  governor: '0xD9dEd6f9959176F0A04dcf88a0d2306178A736a6',
  /** A multisig, which owns the Governor. */
  governorOwner: '0x04F53A0bb244f015cC97731570BeD26F0229da05',
  livepeerToken: '0x289ba1701C2F088cf0faf8B3705246331cB8A839',
  minter: '0xc20DE37170B45774e6CD3d2304017fc962f27252',
  /** The first Minter, replaced in February 2022. */
  minterV1: '0x4969dcCF5186e1c49411638fc8A2a020Fdab752E',
  bondingManager: '0x35Bcf3c30594191d53231E4FF333E8A770453e40',
  /** Version 12, of March 2026. */
  bondingManagerTarget: '0xdA6fe3f332Ae11539b3cF777284Ae70fd3bF2D74',
  bondingManagerTargetV11: '0xF62C30242fccd3a46721f155d4d367De3fD5B3b3',
  bondingManagerTargetV10: '0xd1C1F5d44D8F83ca2A05Baf40461e550cFDDecA2',
  bondingManagerTargetV9: '0x6b397f20DC227B4E23fEc20BBDBe166d0DFFC452',
  ticketBroker: '0xa8bB618B1520E284046F3dFc448851A1Ff26e41B',
  ticketBrokerTarget: '0xea1b0F6c8D158328a6e3D3F924B86A759F41465c',
  roundsManager: '0xdd6f56DcC28D3F5f27084381fE8Df634985cc39f',
  roundsManagerTarget: '0x92d804Ed49D92438aEA6fe552BD9163aacb7E841',
  bondingVotes: '0x0B9C254837E72Ebe9Fe04960C43B69782E68169A',
  bondingVotesTarget: '0x68AF80376Bc1CA0C25a83b28e5570E8c7bdD3119',
  treasury: '0xf82C1FF415F1fCf582554fDba790E27019c8E8C4',
  livepeerGovernor: '0xcFE4E2879B786C3aa075813F0E364bb5acCb6aa0',
  livepeerGovernorTarget: '0xd2Ce37BCB287CaDc40647f567C2D3C4220901634',
  serviceRegistry: '0xC92d3A360b8f9e083bA64DE15d95Cf8180897431',
  serviceRegistryTarget: '0x38093CDca43aeCd7bb474983519A246e93A3b0a7',
  /** Code that go-livepeer calls directly, without the proxy. */
  aiServiceRegistry: '0x04C0b249740175999E5BF5c9ac1dA92431EF34C5',
  aiServiceRegistryProxy: '0x72a02a76b6FAb955E7e0e09830Ea28972d39c629',
  sortedDoublyLL: '0xC45f6918F7Bcac7aBc8fe05302b3cDF39776cdeb',
  pollCreator: '0x8bb50806D60c492c0004DAD5D9627DAA2d9732E6',
  merkleSnapshot: '0x10736ffaCe687658F88a46D042631d182C7757f7',
  l2LPTGateway: '0x6D2457a4ad276000A615295f7A80F79E48CcD318',
  l2LPTDataCache: '0xd78b6bD09cd28A83cFb21aFa0DA95c685A6bb0B1',
  l2Migrator: '0x148D5b6B4df9530c7C76A810bd1Cdf69EC4c2085',
  /** The second version, which makes no pool for nothing. */
  l2MigratorTarget: '0x93BB030735747708b4D33093A98d4c804Cd6B58C',
  /** The code that pools are copies of. */
  delegatorPool: '0xfdb06109032AD3671a8f14f5f2E78f4B9E81b567',
  /** Arbitrum's router of token gateways. */
  arbitrumRouter: '0x5288c571Fd7aD117beA99bF60FE0846C4E84F933',
  /** Chainlink's price of ETH in dollars, go-livepeer's default. */
  ethUsdPriceFeed: '0x639Fe6ab55C921f74e7fac1ee960C0B6293ba612',
} as const satisfies Readonly<Record<string, Address>>

/** Blocks before which a contract on Arbitrum One has no history. */
export const arbitrumOneStartBlocks = {
  livepeerToken: 5_856_156n,
  controller: 5_856_334n,
  ticketBroker: 5_856_357n,
  bondingManager: 5_856_381n,
  roundsManager: 5_856_394n,
  merkleSnapshot: 5_856_407n,
  governor: 5_856_411n,
  pollCreator: 5_857_075n,
  serviceRegistry: 5_860_363n,
  l2LPTDataCache: 5_864_754n,
  l2LPTGateway: 5_864_786n,
  l2Migrator: 5_864_923n,
  minter: 6_253_359n,
  bondingVotes: 139_793_454n,
  treasury: 139_793_473n,
  livepeerGovernor: 139_793_525n,
} as const satisfies Partial<Record<keyof typeof arbitrumOneContracts, bigint>>

/** Blocks before which a contract of the bridge on Ethereum has no history. */
export const ethereumMainnetStartBlocks = {
  l1Escrow: 14_199_409n,
  l1LPTDataCache: 14_199_440n,
  l1LPTGateway: 14_199_457n,
  l1Migrator: 14_199_479n,
} as const

/** What is left on Ethereum: LPT with the bridge's end, and the protocol that moved to Arbitrum One in February 2022. */
export const ethereumMainnetContracts = {
  /** Paused. */
  controller: '0xF96D54E490317c557A967ABfA5d6e33006BE69b3',
  governor: '0xFC3CBed6A3476F7616CC70f078397700136eEBFd',
  /** A multisig, which owns the Governor. */
  governorOwner: '0x04746b890d090ae3c4c5dF0101CFD089A4FACA6C',
  livepeerToken: '0x58b6A8A3302369DAEc383334672404Ee733aB239',
  bridgeMinter: '0x8dDDB96CF36AC8860f1DE5C7c4698fd499FAB405',
  l1Escrow: '0x6A23F4940BD5BA117Da261f98aae51A8BFfa210A',
  l1LPTGateway: '0x6142f1C8bBF02E6A6bd074E8d564c9A5420a0676',
  l1LPTDataCache: '0x1d24838b35A9c138Ac157A852e19e948aD6323D7',
  l1Migrator: '0x21146B872D3A95d2cF9afeD03eE5a783DaE9A89A',
  bondingManager: '0x511Bc4556D823Ae99630aE8de28b9B80Df90eA2e',
  ticketBroker: '0x5b1cE829384EeBFa30286F12d1E7A695ca45F5D2',
  roundsManager: '0x3984fc4ceEeF1739135476f625D36d6c35c40dc3',
  serviceRegistry: '0x406a112f3218b988c66778Fd72fc8467f2601366',
  /** The Minter before the BridgeMinter. */
  minter: '0x505F8c2ee81f1C6fa0D88e918eF0491222E05818',
  pollCreator: '0xBf824EDb6b94D9B52d972d5B25bCc19b4e6E3F3C',
  merkleSnapshot: '0x24ebEd82c681f435E944BEEbFAEEAaE443D08438',
  /** Gave the first LPT to whoever asked. */
  merkleMine: '0x8e306b005773bee6bA6A6e8972Bc79D766cC15c8',
  multiMerkleMine: '0x182EBF4C80B28efc45AD992ecBb9f730e31e8c7F',
  arbitrumInbox: '0x4Dbd4fc535Ac27206064B68FfCf827b0A60BAB3f',
  /** Arbitrum's router of token gateways. */
  arbitrumRouter: '0x72Ce9c846789fdB6fC1f34aC4AD25Dd9ef7031ef',
  /** Of 2022; Arbitrum has moved to others since. */
  arbitrumOutbox: '0x760723CD2e632826c38Fef8CD438A4CC7E7E1A40',
} as const satisfies Readonly<Record<string, Address>>

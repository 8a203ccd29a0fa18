export { openChain, openFolder, type TestChain } from '../chain-fixture.ts'
export { type DevnetAccount, devnetKey } from '../genesis/accounts.ts'
export { devnetAddress } from '../genesis/addresses.ts'
export { FaultyRpc, type RpcFault } from './faulty-rpc.ts'

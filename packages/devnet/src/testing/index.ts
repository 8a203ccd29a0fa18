export { FaultyRpc, type RpcFault } from './faulty-rpc.ts'

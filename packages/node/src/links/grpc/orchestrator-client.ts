import {
  type AuthToken,
  decodeOrchestratorInfo,
  decodePingPong,
  encodeEndTranscodingSessionRequest,
  encodeOrchestratorRequest,
  encodePingPong,
  type OrchestratorInfo,
  type OrchestratorRequest,
} from '@millrace/wire'
import { type RpcCall, RpcClient } from './rpc-client.ts'

/** The gRPC side of a gateway's connection to one orchestrator. */
export class OrchestratorRpc {
  readonly #rpc: RpcClient

  constructor(serviceUri: string) {
    this.#rpc = new RpcClient(serviceUri)
  }

  async getOrchestrator(request: OrchestratorRequest, call: RpcCall): Promise<OrchestratorInfo> {
    return decodeOrchestratorInfo(
      await this.#rpc.unary('/net.Orchestrator/GetOrchestrator', encodeOrchestratorRequest(request), call),
    )
  }

  /** The orchestrator's signature of the value, at most 1024 bytes. */
  async ping(value: Uint8Array, call: RpcCall): Promise<Uint8Array> {
    return decodePingPong(await this.#rpc.unary('/net.Orchestrator/Ping', encodePingPong({ value }), call)).value
  }

  async endSession(authToken: AuthToken, call: RpcCall): Promise<void> {
    await this.#rpc.unary(
      '/net.Orchestrator/EndTranscodingSession',
      encodeEndTranscodingSessionRequest({ authToken }),
      call,
    )
  }

  close(): void {
    this.#rpc.close()
  }
}

import { checkCount, checkInt64 } from '../codec.ts'
import type { HardwareInformation as HardwareInformationProto } from '../proto/generated/lp_rpc_pb.ts'

/** What one GPU is and how much memory it has, in bytes. */
export type GpuInfo = {
  readonly id: string
  readonly name: string
  readonly major: number
  readonly minor: number
  readonly memoryFree: bigint
  readonly memoryTotal: bigint
}

/** The hardware on which a pipeline runs a model. */
export type HardwareInformation = {
  readonly pipeline: string
  readonly modelId: string
  readonly gpus: ReadonlyMap<string, GpuInfo>
}

export const hardwareToProto = (hardware: HardwareInformation) => ({
  pipeline: hardware.pipeline,
  modelId: hardware.modelId,
  gpuInfo: Object.fromEntries(hardware.gpus),
})

export const hardwareFromProto = (message: HardwareInformationProto): HardwareInformation => ({
  pipeline: message.pipeline,
  modelId: message.modelId,
  gpus: new Map(
    checkCount(Object.entries(message.gpuInfo), 'gpu_info').map(([key, gpu]) => [
      key,
      {
        id: gpu.id,
        name: gpu.name,
        major: gpu.major,
        minor: gpu.minor,
        memoryFree: checkInt64(gpu.memoryFree, 'memory_free'),
        memoryTotal: checkInt64(gpu.memoryTotal, 'memory_total'),
      },
    ]),
  ),
})

import { type OSInfo, OSInfo_StorageType } from '../proto/generated/lp_rpc_pb.ts'
import { WireError } from '../wire-error.ts'

/** Where results or sources lie outside the nodes: a bucket and the form fields of an upload with a policy. */
export type StorageInfo = {
  readonly type: 'direct' | 's3' | 'google'
  readonly s3?: {
    readonly host: string
    readonly key: string
    readonly policy: string
    readonly signature: string
    readonly credential: string
    readonly xAmzDate: string
  }
}

export const storageToProto = (storage: StorageInfo) => ({
  storageType: TYPE[storage.type],
  ...(storage.s3 && { s3info: storage.s3 }),
})

export function storageFromProto(message: OSInfo): StorageInfo {
  const type = NAME[message.storageType]
  if (!type) throw new WireError('unknown_enum_value', `unknown storage type ${message.storageType}`)
  if (!message.s3info) return { type }
  const { host, key, policy, signature, credential, xAmzDate } = message.s3info
  return { type, s3: { host, key, policy, signature, credential, xAmzDate } }
}

const TYPE = {
  direct: OSInfo_StorageType.DIRECT,
  s3: OSInfo_StorageType.S3,
  google: OSInfo_StorageType.GOOGLE,
} as const
const NAME: readonly StorageInfo['type'][] = ['direct', 's3', 'google']

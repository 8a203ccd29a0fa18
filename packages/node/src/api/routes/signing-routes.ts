import { fromHex } from '@millrace/base'
import type { Hex, LocalAccount, TypedDataDefinition } from 'viem'
import { z } from 'zod'
import { needChain, type OperatorContext } from '../context.ts'
import { ApiError, bytes, type Routes } from '../route.ts'

/** Signs with the node's account: a text as it is, or typed data (EIP-712). The answer is the 65 bytes of the signature. */
export const signingRoutes = (context: OperatorContext): Routes => ({
  '/signMessage': async ({ parameters }) => {
    const message = parameters.need('message')
    const signer = needChain(context).txSender.account as LocalAccount
    const format = parameters.header('SigFormat') ?? 'text/plain'
    if (format.startsWith('text/plain')) return bytes(fromHex(await signer.signMessage({ message })))
    if (format.startsWith('data/typed'))
      return bytes(fromHex((await signer.signTypedData(readTypedData(message))) as Hex))
    throw new ApiError(400, `the header SigFormat must be text/plain or data/typed, not ${format.slice(0, 40)}`)
  },
})

const typedData = z.object({
  domain: z.record(z.string(), z.unknown()),
  types: z.record(z.string(), z.array(z.object({ name: z.string(), type: z.string() }))),
  primaryType: z.string(),
  message: z.record(z.string(), z.unknown()),
})

function readTypedData(text: string): TypedDataDefinition {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new ApiError(400, 'message is not JSON, as typed data must be', { cause })
  }
  const parsed = typedData.safeParse(value)
  if (parsed.success) return parsed.data as unknown as TypedDataDefinition
  throw new ApiError(400, `message is not typed data: ${parsed.error.issues[0]?.path.join('.')}`)
}

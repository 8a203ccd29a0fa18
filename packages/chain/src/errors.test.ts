import { createServer, type Server } from 'node:http'
import { bondingVotesAbi } from '@millrace/contracts'
import { createPublicClient, encodeErrorResult, http, parseAbi } from 'viem'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ChainError, chainError } from './errors.ts'

const abi = parseAbi(['function f() view returns (uint256)', 'error Refused(uint256 code)'])
const address = '0x00000000000000000000000000000000000000aa'

let server: Server
let answer: { status?: number; body: string }

beforeEach(async () => {
  server = createServer((request, response) => {
    request.resume()
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' })
    response.end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const client = (url = `http://127.0.0.1:${(server.address() as { port: number }).port}`) =>
  createPublicClient({ transport: http(url, { retryCount: 0, timeout: 2_000 }) })
const rpcError = (error: object) => ({ body: JSON.stringify({ jsonrpc: '2.0', id: 1, error }) })

/** What reading the contract's function comes to. */
async function failure(of = client()): Promise<ChainError> {
  try {
    await of.readContract({ address, abi, functionName: 'f' })
  } catch (cause) {
    return chainError(cause, 'reading f')
  }
  throw new Error('it did not fail')
}

it('a contract that refuses is `reverted`, with its reason word for word', async () => {
  // Error(string) with "round already initialized".
  const text = Buffer.from('round already initialized')
  const data = `0x08c379a0${'20'.padStart(64, '0')}${text.length.toString(16).padStart(64, '0')}${text.toString('hex').padEnd(64, '0')}`
  answer = rpcError({ code: 3, message: 'execution reverted', data })
  expect(await failure()).toMatchObject({
    code: 'reverted',
    retryable: false,
    meta: { reason: 'round already initialized' },
    message: 'reading f: the contract refused: round already initialized',
  })
})

it('an error of the contract’s own is named', async () => {
  answer = rpcError({
    code: 3,
    message: 'execution reverted',
    data: encodeErrorResult({ abi, errorName: 'Refused', args: [7n] }),
  })
  expect(await failure()).toMatchObject({ code: 'reverted', meta: { kind: 'custom', reason: 'Refused', args: '7' } })
})

it('an error of another contract of the protocol is named too', async () => {
  const data = encodeErrorResult({ abi: bondingVotesAbi, errorName: 'FutureLookup', args: [9n, 8n] })
  answer = rpcError({ code: 3, message: 'execution reverted', data })
  expect(await failure()).toMatchObject({ meta: { kind: 'custom', reason: 'FutureLookup', args: '9, 8' } })
})

it.each([
  ['0x11', 'an overflow'],
  ['0x12', 'a division by zero'],
])('panic %s, %s, is told by its code', async (code) => {
  const data = `0x4e487b71${code.slice(2).padStart(64, '0')}`
  answer = rpcError({ code: 3, message: 'execution reverted', data })
  expect(await failure()).toMatchObject({ code: 'reverted', meta: { kind: 'panic', reason: `panic ${code}` } })
})

it('an error that nobody knows is told by its selector, and none at all as that', async () => {
  answer = rpcError({ code: 3, message: 'execution reverted', data: '0xdeadbeef' })
  expect(await failure()).toMatchObject({ meta: { kind: 'unknown', reason: 'error 0xdeadbeef' } })
  answer = rpcError({ code: 3, message: 'execution reverted', data: '0x' })
  expect(await failure()).toMatchObject({ meta: { kind: 'empty', reason: 'no reason given' } })
})

it('a reason that only stands in the text is found there', async () => {
  answer = rpcError({ code: -32000, message: 'execution reverted: ticket is used' })
  const error = await client()
    .estimateGas({ to: address })
    .catch((cause) => chainError(cause, 'estimating'))
  expect(error).toMatchObject({ code: 'reverted', meta: { reason: 'ticket is used' } })
})

it('an RPC that nobody answers for is unreachable, and worth another try', async () => {
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  expect(await failure(client(`http://127.0.0.1:${port}`))).toMatchObject({ code: 'rpc_unreachable', retryable: true })
})

it('an RPC behind a broken door is unreachable too', async () => {
  answer = { status: 502, body: '<html>Bad Gateway</html>' }
  expect(await failure()).toMatchObject({ code: 'rpc_unreachable', retryable: true })
})

it('what an RPC refuses is kept in its words, and worth another try', async () => {
  answer = rpcError({ code: -32005, message: 'daily request count exceeded' })
  const error = await client()
    .getBlockNumber()
    .catch((cause) => chainError(cause, 'reading the block'))
  expect(error).toMatchObject({ code: 'rpc_refused', retryable: true })
  expect((error as Error).message).toContain('daily request count exceeded')
})

it('anything else keeps its text, and a chain error stays what it is', () => {
  expect(chainError(new Error('odd'), 'reading')).toMatchObject({ code: 'rpc_refused', message: 'reading: odd' })
  const known = new ChainError('no_contract', 'none')
  expect(chainError(known, 'reading')).toBe(known)
})

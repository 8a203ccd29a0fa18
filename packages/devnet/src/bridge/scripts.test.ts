import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { l1LPTGatewayAbi, l2LPTGatewayAbi } from '@millrace/contracts'
import { type Address, createPublicClient, http } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { devnetKeyHex } from '../genesis/accounts.ts'
import { devnetAddress } from '../genesis/addresses.ts'

const PAIR = fileURLToPath(new URL('../../scripts/l1-l2-pair.js', import.meta.url))
const DEPLOY = fileURLToPath(new URL('../../../../contracts/scripts/deploy-bridge.js', import.meta.url))

type Printed = {
  urls: { l1: string; l2: string }
  l1: { l1LPTGateway: Address; livepeerToken: Address; inbox: Address }
  l2: { l2LPTGateway: Address }
}

describe('the scripts for a pair of chains', () => {
  let folder: string
  let child: ChildProcess
  let printed: Printed
  let errors = ''

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-pair-script-'))
    const ports = ['--l1-port', '0', '--l2-port', '0', '--block-time', '50']
    child = spawn(process.execPath, [PAIR, '--folder', join(folder, 'pair'), ...ports])
    child.stderr!.on('data', (chunk) => {
      errors += chunk
    })
    printed = JSON.parse(await jsonOf(child)) as Printed
  }, 120_000)
  afterAll(async () => {
    child?.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  it('one command prints where both ends of an open bridge are', async () => {
    expect(errors).toBe('')
    await expectConnected(printed, printed.urls)
  })

  it('deploys another bridge to two chains', async () => {
    const key = join(folder, 'key')
    writeFileSync(key, devnetKeyHex('deployer'), { mode: 0o600 })
    const args = ['--l1-rpc', printed.urls.l1, '--l2-rpc', printed.urls.l2, '--key-file', key, '--gas-price', '1']
    const ended = await run(DEPLOY, args)
    expect(ended.stderr).toBe('')
    const other = JSON.parse(ended.stdout) as Printed
    expect(other.l1.l1LPTGateway).not.toBe(printed.l1.l1LPTGateway)
    await expectConnected(other, printed.urls)
  }, 120_000)

  it("deploys the ends alone where Arbitrum's own contracts carry the messages", async () => {
    const [l1Router, l2Router] = [devnetAddress('gateway'), devnetAddress('redeemer2')]
    const chains = ['--l1-rpc', printed.urls.l1, '--l2-rpc', printed.urls.l2, '--key-file', join(folder, 'key')]
    const arbitrum = ['--inbox', printed.l1.inbox, '--l1-router', l1Router, '--l2-router', l2Router]
    const ended = await run(DEPLOY, [...chains, '--gas-price', '1', ...arbitrum])
    expect(ended.stderr).toBe('')
    const other = JSON.parse(ended.stdout) as Printed
    expect(other.l1).not.toHaveProperty('outbox')
    await expectConnected(other, printed.urls)
    const l1 = createPublicClient({ transport: http(printed.urls.l1) })
    const gateway = { address: other.l1.l1LPTGateway, abi: l1LPTGatewayAbi } as const
    expect(await l1.readContract({ ...gateway, functionName: 'inbox' })).toBe(printed.l1.inbox)
    expect((await l1.readContract({ ...gateway, functionName: 'l1Router' })).toLowerCase()).toBe(l1Router)
  }, 120_000)

  it('say what is wrong with their arguments', async () => {
    const url = 'http://127.0.0.1:1'
    const some = ['--l1-rpc', url, '--l2-rpc', url, '--key-file', 'x']
    const cases: readonly [string, readonly string[], RegExp][] = [
      [DEPLOY, ['--l2-rpc', url], /layer 1 with --l1-rpc/],
      [DEPLOY, ['--l1-rpc', url, '--l2-rpc', url], /--key-file/],
      [DEPLOY, [...some, '--inbox', devnetAddress('redeemer2')], /--l1-router and --l2-router/],
      [DEPLOY, [...some, '--relayer', 'me'], /not me/],
      [PAIR, ['--l1-port', 'many'], /whole number, not many/],
    ]
    const ended = await Promise.all(cases.map(([script, args]) => run(script, args)))
    for (const [index, [, , sentence]] of cases.entries()) {
      expect(ended[index]!.status).toBe(1)
      expect(ended[index]!.stderr).toMatch(sentence)
    }
  })

  it('ends in good order with a signal, and keeps the chains in their folder', async () => {
    child.kill('SIGTERM')
    const [code] = (await once(child, 'exit')) as [number | null]
    expect(code).toBe(0)
    expect(existsSync(join(folder, 'pair', 'addresses.json'))).toBe(true)
    await expect(
      createPublicClient({ transport: http(printed.urls.l1, { retryCount: 0 }) }).getChainId(),
    ).rejects.toThrow()
  })
})

async function expectConnected(addresses: Printed, urls: Printed['urls']): Promise<void> {
  const l1 = createPublicClient({ transport: http(urls.l1) })
  const l2 = createPublicClient({ transport: http(urls.l2) })
  const gateway1 = { address: addresses.l1.l1LPTGateway, abi: l1LPTGatewayAbi } as const
  const gateway2 = { address: addresses.l2.l2LPTGateway, abi: l2LPTGatewayAbi } as const
  expect(await l1.readContract({ ...gateway1, functionName: 'l2Counterpart' })).toBe(addresses.l2.l2LPTGateway)
  expect(await l2.readContract({ ...gateway2, functionName: 'l1Counterpart' })).toBe(addresses.l1.l1LPTGateway)
  expect(await l1.readContract({ ...gateway1, functionName: 'paused' })).toBe(false)
  expect(await l2.readContract({ ...gateway2, functionName: 'paused' })).toBe(false)
}

/** What a process prints until its JSON object is complete. */
async function jsonOf(child: ChildProcess): Promise<string> {
  let text = ''
  for await (const chunk of child.stdout!) {
    text += chunk
    if (text.endsWith('\n}\n')) break
  }
  return text
}

async function run(script: string, args: readonly string[]) {
  const child = spawn(process.execPath, [script, ...args])
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, stdout, stderr }
}

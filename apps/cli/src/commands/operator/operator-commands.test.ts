import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { silentLog } from '@millrace/base'
import { bondingManager, livepeerToken, roundsManager, ticketBroker } from '@millrace/chain'
import { openKeystore } from '@millrace/chain/node'
import {
  type DevnetAccount,
  devnetAddress,
  devnetKey,
  openChain,
  openFolder,
  type TestChain,
} from '@millrace/devnet/testing'
import { EventHub, type NodeConfig, type RunningNode, startNode } from '@millrace/node'
import { DEFAULT_LADDER, nodeId } from '@millrace/wire'
import { type ArgsDef, parseArgs } from 'citty'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operatorCommands } from './index.ts'

const PROGRAM = fileURLToPath(new URL('../../../bin/millrace.js', import.meta.url))
const LPT = 10n ** 18n
const ETHER = 10n ** 18n
const listen = { host: '127.0.0.1', port: 0 }

let chain: TestChain
let folder: Awaited<ReturnType<typeof openFolder>>
let orchestrator: RunningNode
let gateway: RunningNode

beforeAll(async () => {
  chain = await openChain()
  folder = await openFolder()
  orchestrator = await openNode('orchestrator1', {
    orchestrator: {
      serviceUri: 'https://127.0.0.1:8935',
      listen,
      pricePerPixel: { num: 1n, den: 1n },
      maxSessions: 3,
      callReward: false,
      initializeRounds: false,
    },
  })
  gateway = await openNode('gateway', { gateway: { rtmp: undefined, http: listen, ladder: DEFAULT_LADDER } })
}, 60_000)
afterAll(async () => {
  await gateway?.stop()
  await orchestrator?.stop()
  await chain?.[Symbol.asyncDispose]()
  await folder?.[Symbol.asyncDispose]()
})

async function openNode(account: DevnetAccount, role: Partial<NodeConfig>): Promise<RunningNode> {
  const own = join(folder.path, account)
  await openKeystore(join(own, 'keystore'), 'password', { create: devnetKey(account), n: 1024 })
  const network: NodeConfig['network'] = {
    kind: 'chain',
    ethUrl: chain.chain.url,
    controller: chain.client.addresses.controller,
    chainId: 31337,
    pollMs: 50,
    payments: 'devnet',
  }
  const common = { nodeId: nodeId(account), folder: own, network, keystorePassword: 'password', operator: listen }
  return startNode({ ...common, ...role }, { hub: new EventHub(), log: silentLog })
}

type Name = keyof typeof operatorCommands
type Values = Readonly<Record<string, string | boolean>>

/** Performs a command as a script does, or as a person who types these answers. */
async function perform(name: Name, node: RunningNode, values: Values = {}, answers?: readonly string[]) {
  const input = new PassThrough()
  const output = new PassThrough()
  let asked = ''
  let out = ''
  const left = [...(answers ?? [])]
  output.on('data', (chunk) => {
    asked += chunk
    // A line is typed once its question stands there.
    if (/[?.\]] $/.test(String(chunk)))
      setImmediate(() => (left.length > 0 ? input.write(`${left.shift()}\n`) : input.end()))
  })
  const { port } = new URL(node.operatorUrl)
  const write = (text: string) => {
    out += text
  }
  const terminal = { input, output, interactive: answers !== undefined }
  await operatorCommands[name].perform({ http: port, ...values }, { terminal, write })
  expect(left).toEqual([])
  return { out, asked }
}

const facts = async (name: Name, node: RunningNode, values: Values = {}) =>
  JSON.parse((await perform(name, node, { json: true, ...values })).out) as Record<string, unknown>
const self = devnetAddress('orchestrator1')
const round = () => roundsManager.currentRound(chain.client)

async function nextRound(): Promise<void> {
  const before = await round()
  while ((await round()) === before) await chain.mine(10)
  expect(await facts('round', orchestrator, { initialize: true })).toEqual({
    round: String(before + 1n),
    initialized: true,
  })
}

describe('a person', () => {
  it('is asked for what is missing, told what will happen and when, and asked once more', async () => {
    await nextRound()
    const stake = await bondingManager.pendingStake(chain.client, self)
    const { asked, out } = await perform('unbond', orchestrator, {}, ['many', '1.5 LPT', 'y'])
    const withdrawRound = (await round()) + (await bondingManager.unbondingPeriod(chain.client))
    expect(asked).toContain('"many" is not an amount')
    expect(asked).toContain('1.5 LPT will be taken out into lock 0')
    expect(asked).toContain(`It can be withdrawn from round ${withdrawRound} on`)
    expect(out).toContain(`lock 0, to be withdrawn from round ${withdrawRound} on`)
    expect(await bondingManager.pendingStake(chain.client, self)).toBe(stake - (3n * LPT) / 2n)
  })

  it('who does not say yes has nothing done', async () => {
    const stake = await bondingManager.pendingStake(chain.client, self)
    for (const answer of ['n', ''])
      await expect(perform('unbond', orchestrator, { amount: '1' }, [answer])).rejects.toMatchObject({
        code: 'not_confirmed',
      })
    await expect(perform('unbond', orchestrator, { amount: '1' }, [])).rejects.toMatchObject({ code: 'not_confirmed' })
    expect(await bondingManager.pendingStake(chain.client, self)).toBe(stake)
  })

  it('who said yes on the command line is asked nothing', async () => {
    const { asked } = await perform('rebond', orchestrator, { yes: true, lock: '0' }, [])
    expect(asked).toBe('')
  })
})

describe('the page about commands', () => {
  const page = readFileSync(new URL('../../../../../docs/operating/commands.md', import.meta.url), 'utf8')
  const documented = [...page.matchAll(/`npx millrace ([^`]+)`/g)].map((m) => m[1] as string)

  it('names every command', () => {
    for (const name of Object.keys(operatorCommands)) expect(page).toContain(name)
  })

  it.each(documented)('shows what works: millrace %s', async (line) => {
    const [name = '', ...rawArgs] = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2]!)
    const { http, ...values } = parseArgs(rawArgs, (await operatorCommands[name as Name].args) as ArgsDef)
    const node = http === '5935' || ['deposit', 'unlock'].includes(name) ? gateway : orchestrator
    await facts(name as Name, node, values as Values)
  })
})

describe('a script', () => {
  it('is told what it left out', async () => {
    await expect(perform('unbond', orchestrator)).rejects.toMatchObject({ code: 'missing_value' })
    await expect(perform('transfer', orchestrator, { amount: '1' })).rejects.toMatchObject({
      message: '--to is missing: To which account?',
    })
  })

  it('bonds, takes out, waits and withdraws', async () => {
    await facts('faucet', gateway)
    expect(await facts('bond', gateway, { amount: '2', to: self })).toMatchObject({
      amountLpt: String(2n * LPT),
      to: self,
      countsFromRound: String((await round()) + 1n),
    })
    await nextRound()
    const { withdrawRound } = await facts('unbond', gateway, { amount: 'all' })
    await expect(perform('withdraw', gateway, { what: 'stake' })).rejects.toMatchObject({ code: 'no_locks' })
    while ((await round()) < BigInt(withdrawRound as string)) await nextRound()
    const before = await livepeerToken.balanceOf(chain.client, devnetAddress('gateway'))
    await facts('withdraw', gateway, { what: 'stake' })
    expect((await livepeerToken.balanceOf(chain.client, devnetAddress('gateway'))) - before).toBe(2n * LPT)
    await expect(perform('rebond', gateway)).rejects.toMatchObject({ code: 'no_locks' })
    await expect(perform('withdraw', gateway, { what: 'fees' })).rejects.toMatchObject({ code: 'nothing_to_withdraw' })
  })

  it('sends LPT', async () => {
    const to = devnetAddress('redeemer2')
    const before = await livepeerToken.balanceOf(chain.client, to)
    await facts('transfer', gateway, { amount: '0.25 LPT', to })
    expect((await livepeerToken.balanceOf(chain.client, to)) - before).toBe(LPT / 4n)
  })

  it('funds a deposit, unlocks it, and gets it back when its round has come', async () => {
    const info = () => ticketBroker.getSenderInfo(chain.client, devnetAddress('gateway'))
    const before = await info()
    await facts('deposit', gateway, { amount: '1', reserve: '500000000 gwei' })
    await facts('deposit', gateway, { amount: '3 wei' })
    const after = await info()
    expect(after.deposit - before.deposit).toBe(ETHER + 3n)
    expect(after.reserve.fundsRemaining - before.reserve.fundsRemaining).toBe(ETHER / 2n)
    await expect(perform('withdraw', gateway, { what: 'deposit' })).rejects.toMatchObject({ code: 'not_unlocked' })
    await facts('unlock', gateway)
    await facts('unlock', gateway, { cancel: true })
    const { withdrawRound } = await facts('unlock', gateway)
    await expect(perform('withdraw', gateway, { what: 'deposit' })).rejects.toMatchObject({
      message: expect.stringContaining(`from round ${withdrawRound} on`),
    })
    while ((await round()) < BigInt(withdrawRound as string)) await nextRound()
    await facts('withdraw', gateway, { what: 'deposit' })
    expect((await info()).deposit).toBe(0n)
  })

  it('calls the reward, sets prices and bounds for gas', async () => {
    expect(await facts('reward', orchestrator)).toEqual({ round: String(await round()) })
    await facts('price', orchestrator, { price: '7', pixels: '2' })
    await facts('price', orchestrator, { price: '3', for: devnetAddress('gateway') })
    expect(await facts('price', orchestrator)).toMatchObject({ default: '7/2' })
    expect(Object.values(await facts('price', orchestrator))).toContain('3')
    await facts('price', gateway, { price: '0.25' })
    expect(await facts('price', gateway)).toEqual({ maximum: '1/4' })
    expect(await facts('gas', orchestrator, { max: '20 gwei', min: '2' })).toEqual({
      minGasPriceWei: '2',
      maxGasPriceWei: '20000000000',
    })
    expect(await facts('gas', orchestrator, { max: '0' })).toMatchObject({ maxGasPriceWei: null })
  })

  it('cannot vote where there is nothing to vote on', async () => {
    await expect(perform('vote', orchestrator, { on: '7', choice: 'for' })).rejects.toMatchObject({
      code: 'operator_refused',
    })
    await expect(perform('vote', orchestrator, { on: '7', choice: 'yes' })).rejects.toMatchObject({
      code: 'bad_choice',
    })
    await expect(perform('vote', orchestrator, { on: 'here' })).rejects.toMatchObject({ code: 'bad_address' })
  })

  it('cannot activate an orchestrator twice', async () => {
    const terms = { 'reward-cut': '10', 'fee-share': '50', price: '1', 'service-uri': 'https://127.0.0.1:8935' }
    await expect(perform('activate', orchestrator, terms)).rejects.toMatchObject({
      message: expect.stringContaining('orchestrator already registered'),
    })
  })

  it('learns the status of a node by the program itself', async () => {
    const { port } = new URL(gateway.operatorUrl)
    const child = spawn(process.execPath, [PROGRAM, 'status', '--http', port, '--json'])
    let out = ''
    for await (const chunk of child.stdout) out += chunk
    const { address, isOrchestrator, health, OrchestratorPool } = JSON.parse(out)
    expect({ address: address.toLowerCase(), isOrchestrator, health }).toEqual({
      address: devnetAddress('gateway'),
      isOrchestrator: false,
      health: { ok: true, problems: [] },
    })
    expect(OrchestratorPool).toContain('https://127.0.0.1:8935')
  })

  it('is told when nobody answers', async () => {
    await expect(perform('status', gateway, { http: '1' })).rejects.toMatchObject({ code: 'operator_unreachable' })
    await expect(perform('status', gateway, { http: 'x' })).rejects.toMatchObject({ code: 'bad_port' })
  })
})

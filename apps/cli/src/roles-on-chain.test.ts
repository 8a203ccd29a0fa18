import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { freePort } from '@millrace/base/node'
import { encryptKey } from '@millrace/chain/node'
import {
  type DevnetAccount,
  devnetAddress,
  devnetKey,
  EmbeddedChain,
  preparedGenesis,
  preparedNetwork,
} from '@millrace/devnet'
import { makeTestClip, type TestClip } from '@millrace/media/testing'
import { manifestId } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pushSegment } from './push-segment.ts'
import { type RoleProcess, runToEnd, startRole } from './role-process.fixture.ts'
import { encodeJoinToken } from './roles/join-token.ts'

const PASSWORD = 'open, please'

let home: string
let clip: TestClip
let controller: string
const running: RoleProcess[] = []
const chains: EmbeddedChain[] = []

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'millrace-roles-chain-'))
  controller = (await preparedNetwork()).controller
  clip = await makeTestClip({ seconds: 4, width: 320, height: 180, fps: 30, seed: 10 })
}, 60_000)
afterAll(async () => {
  await Promise.all(running.map((role) => role.stop()))
  await Promise.all(chains.map((chain) => chain.crash()))
  rmSync(home, { recursive: true, force: true })
})

async function openChain(chainId: number): Promise<string> {
  const folder = mkdtempSync(join(home, `chain-${chainId}-`))
  const chain = new EmbeddedChain(
    { folder, host: '127.0.0.1', port: 0, chainId, genesis: preparedGenesis, blockTimeMs: 200, dumpEveryMs: 60_000 },
    { log: silentLog, onDeath: () => {} },
  )
  await chain.start()
  chains.push(chain)
  return chain.url
}

/** A keystore folder with keys of the embedded network, in the form of geth. */
async function keystore(name: string, ...accounts: readonly DevnetAccount[]): Promise<string> {
  const folder = join(home, name)
  mkdirSync(folder, { recursive: true })
  for (const account of accounts) {
    const json = JSON.stringify(await encryptKey(devnetKey(account), PASSWORD, { n: 1024 }))
    writeFileSync(join(folder, `UTC--2024-01-01T00-00-00.000000000Z--${devnetAddress(account).slice(2)}`), json)
  }
  return folder
}

const at = async () => `127.0.0.1:${await freePort()}`

it('gateway, orchestrator and redeemer with keystores of geth pay and get paid on a chain', async () => {
  const ethUrl = await openChain(31337)
  const keys = await keystore('both', 'orchestrator1', 'gateway')
  const passwordFile = join(home, 'password')
  writeFileSync(passwordFile, `${PASSWORD}\n`)
  const [service, http, redeemerAt] = [await at(), await at(), await at()]
  const chainFlags = ['-network', 'devnet', '-ethUrl', ethUrl]
  const start = async (...args: string[]) => {
    const role = await startRole(home, [...args, ...chainFlags, '-cliAddr', await at()])
    running.push(role)
    return role
  }
  const account = (name: DevnetAccount) => ['-ethKeystorePath', keys, '-ethAcctAddr', devnetAddress(name)]
  // A data folder of its own, with the key where go-livepeer keeps it.
  await keystore('redeemer/keystore', 'redeemer1')
  const roles = await Promise.all([
    start(
      ...['redeemer', '-ethOrchAddr', devnetAddress('orchestrator1'), '-httpAddr', redeemerAt],
      ...['-dataDir', join(home, 'redeemer'), '-ethPassword', PASSWORD],
    ),
    start(
      ...['-orchestrator', '-transcoder', '-serviceAddr', service, '-pricePerUnit', '100', '-pixelsPerUnit', '1e5'],
      ...['-redeemerAddr', redeemerAt, '-ethPassword', PASSWORD, ...account('orchestrator1')],
    ),
    start(
      ...['-gateway', '-orchAddr', service, '-maxPricePerUnit', '1', '-httpAddr', http, '-rtmpAddr', await at()],
      ...['-ethPassword', passwordFile, ...account('gateway')],
    ),
  ])
  const { data, durationMs } = clip.segments[0]!
  const pushed = await pushSegment(`http://${http}`, {
    manifestId: manifestId('paid'),
    seq: 0,
    data,
    durationMs,
    container: 'mpegts',
  })
  expect(pushed.renditions).toHaveLength(2)
  expect(pushed.orchestrator).toBe(devnetAddress('orchestrator1'))
  // 100 wei for 100,000 pixels: 426×240 and 640×360 at 30 frames a second for 2 s.
  expect(pushed.feeWei).toBeGreaterThan(15_000n)
  expect(pushed.feeWei).toBeLessThan(25_000n)
  // Tickets are told only with the word of the redeemer on what the gateway can pay.
  expect(pushed.tickets).toBeGreaterThan(0)
  for (const role of roles) expect(role.log()).not.toContain(PASSWORD)

  // The same account behind a signer: the gateway has neither key nor chain, and finds the orchestrator through the signer.
  const [signs, keyless] = [await at(), await at()]
  const signerFlags = ['-remoteSigner', '-remoteDiscovery', '-orchAddr', service, '-maxPricePerUnit', '1']
  const signer = await start(
    ...[...signerFlags, '-httpAddr', signs, '-dataDir', join(home, 'signer')],
    ...['-ethPassword', passwordFile, ...account('gateway')],
  )
  const secret = 'Authorization:Bearer gateway-token'
  const gateway = await startRole(home, [
    ...['gateway', '-remoteSignerUrl', `http://${signs}`, '-remoteSignerHeaders', secret],
    ...['-httpAddr', keyless, '-rtmpAddr', await at(), '-cliAddr', await at(), '-dataDir', join(home, 'keyless')],
  ])
  running.push(gateway)
  const signed = await pushSegment(`http://${keyless}`, {
    manifestId: manifestId('signed'),
    seq: 0,
    data,
    durationMs,
    container: 'mpegts',
  })
  expect(signed).toMatchObject({ orchestrator: devnetAddress('orchestrator1'), feeWei: pushed.feeWei })
  expect(signed.tickets).toBeGreaterThan(0)
  expect(signer.log()).toContain('a payment was signed')
  expect(existsSync(join(home, 'keyless', 'keystore'))).toBe(false)
  for (const role of [signer, gateway])
    for (const word of [PASSWORD, 'gateway-token']) expect(role.log() + role.out()).not.toContain(word)
}, 60_000)

it('a worker with nothing but a join token, no key and no RPC, takes a session within 2 s, and nobody is restarted', async () => {
  const ethUrl = await openChain(31337)
  const keys = await keystore('token', 'orchestrator1', 'gateway')
  const [service, http] = [await at(), await at()]
  const onChain = async (account: DevnetAccount, ...args: string[]) => [
    ...[...args, '-network', 'devnet', '-ethUrl', ethUrl, '-ethPassword', PASSWORD, '-ethKeystorePath', keys],
    ...['-ethAcctAddr', devnetAddress(account), '-dataDir', join(home, `token-${account}`), '-cliAddr', await at()],
  ]
  const start = async (args: readonly string[]) => {
    const role = await startRole(home, args)
    running.push(role)
    return role
  }
  const seller = ['orchestrator', '-serviceAddr', service, '-pricePerUnit', '100', '-pixelsPerUnit', '1e5']
  const secret = 'between us'
  const token = encodeJoinToken({ uri: `https://${service}`, secret })
  const joinWorker = async (name: string) =>
    start(['worker', '-join', token, '-maxSessions', '1', '-dataDir', join(home, name), '-cliAddr', await at()])
  const buyer = ['gateway', '-orchAddr', service, '-httpAddr', http, '-rtmpAddr', await at()]
  const [orchestrator] = await Promise.all([
    start(await onChain('orchestrator1', ...seller, '-maxSessions', 'auto', '-orchSecret', secret)),
    joinWorker('first'),
    start(await onChain('gateway', ...buyer)),
  ])
  await orchestrator.logged('a worker joined')
  const push = (stream: string, seq: number) => {
    const { data, durationMs } = clip.segments[0]!
    return pushSegment(`http://${http}`, { manifestId: manifestId(stream), seq, data, durationMs, container: 'mpegts' })
  }
  expect((await push('one', 0)).renditions).toHaveLength(2)
  const { data, durationMs } = clip.segments[0]!
  const pushOnce = (seq: number) =>
    fetch(`http://${http}/live/two/${seq}.ts`, {
      method: 'PUT',
      headers: { accept: 'multipart/mixed', 'content-duration': String(durationMs) },
      body: data as Uint8Array<ArrayBuffer>,
    })
  // The only worker is busy with the first stream.
  expect((await pushOnce(0)).status).toBe(503)

  await joinWorker('second')
  const joined = performance.now()
  const operator = /operator (http:\S+)/.exec(orchestrator.out())?.[1]
  const sessions = async () => {
    const facts = (await (await fetch(`${operator}/workers`)).json()) as { workers: { sessions: number }[] }
    return facts.workers.map((worker) => worker.sessions)
  }
  const busyAfterMs = expect
    .poll(sessions, { timeout: 10_000, interval: 20 })
    .toEqual([1, 1])
    .then(() => performance.now() - joined)
  let answer = await pushOnce(1)
  for (let seq = 2; answer.status === 503 && seq < 100; seq++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    answer = await pushOnce(seq)
  }
  expect(answer.status).toBe(200)
  expect(Number(answer.headers.get('millrace-fee-wei'))).toBeGreaterThan(0)
  expect(await busyAfterMs).toBeLessThan(2_000)
  // It keeps neither a key nor what it was let in with.
  const kept = readdirSync(join(home, 'second'), { recursive: true, encoding: 'utf8' })
  expect(kept.filter((name) => /key|secret|token/i.test(name))).toEqual([])
}, 60_000)

describe('a gateway on a chain says in one sentence what is wrong when', () => {
  const gateway = async (...args: string[]) => {
    const free = ['-cliAddr', await at(), '-httpAddr', await at(), '-rtmpAddr', await at()]
    return runToEnd(home, ['gateway', '-dataDir', mkdtempSync(join(home, 'wrong-')), ...free, ...args])
  }
  const expectSentence = ({ code, err }: { code: number | null; err: string }, sentence: RegExp) => {
    expect(err).toMatch(sentence)
    expect(err).not.toContain(PASSWORD)
    // Beside what the log says of RPCs that rest, one line for people.
    expect(
      err
        .trim()
        .split('\n')
        .filter((line) => !line.startsWith('{')),
    ).toHaveLength(1)
    expect(code).toBe(1)
  }

  it.concurrent('the password is wrong', async () => {
    const keys = await keystore('wrong-password', 'gateway')
    expectSentence(
      await gateway(
        '-network',
        'devnet',
        '-ethUrl',
        'http://127.0.0.1:1',
        '-ethKeystorePath',
        keys,
        '-ethPassword',
        'no',
      ),
      /the password does not open .*UTC--.*check --eth-password/,
    )
  })

  it.concurrent('its signer does not answer, without telling where it is', async () => {
    const ended = await gateway('-remoteSignerUrl', 'http://127.0.0.1:1/secret-path')
    expectSentence(ended, /the remote signer does not answer: see -remoteSignerUrl/)
    expect(ended.err).not.toMatch(/secret-path|127\.0\.0\.1:1/)
  })

  it.concurrent('it is a signer that everybody in the network could spend from', async () => {
    const ended = await runToEnd(home, [
      ...['signer', '-network', 'devnet', '-ethUrl', 'http://127.0.0.1:1'],
      ...['-httpAddr', '0.0.0.0:8935', '-cliAddr', await at(), '-dataDir', mkdtempSync(join(home, 'open-'))],
    ])
    expectSentence(ended, /listens on 0\.0\.0\.0 without -remoteSignerWebhookUrl pays for everybody/)
  })

  it.concurrent('no RPC answers, without telling the key in its URL', async () => {
    const keys = await keystore('no-rpc', 'gateway')
    const ended = await gateway(
      '-network',
      'devnet',
      '-ethUrl',
      'http://127.0.0.1:1/v2/api-key',
      '-ethKeystorePath',
      keys,
      '-ethPassword',
      PASSWORD,
    )
    expectSentence(ended, /no Ethereum RPC answers at http:\/\/127.0.0.1:1: check --eth-url/)
    expect(ended.err).not.toContain('api-key')
  })

  it.concurrent('a public test key is to be used on a real network, whether named or found there', async () => {
    const keys = await keystore('test-key', 'gateway')
    const key = ['-ethKeystorePath', keys, '-ethPassword', PASSWORD]
    expectSentence(
      await gateway('-network', 'arbitrum-one-mainnet', '-ethUrl', 'http://127.0.0.1:1', ...key),
      /public test key: .*chain 42161/,
    )
    const ethUrl = await openChain(1)
    const mine = ['-network', 'mine', '-ethController', controller, '-ethUrl', ethUrl, ...key]
    expectSentence(await gateway(...mine), /public test key: .*chain 1;/)
    expectSentence(
      await gateway('-network', 'devnet', '-ethUrl', ethUrl, ...key),
      /is chain 1, this network is chain 31337: pass the --eth-url of the right chain/,
    )
  }, 30_000)
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@millrace/base/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runToEnd } from '../../role-process.fixture.ts'
import { runGatewayPlan } from '../plan.ts'
import { checksOf } from './checks.ts'
import { openSetup, PASSWORD, type Setup } from './doctor.fixture.ts'
import { runDoctor, subjectOf } from './doctor.ts'
import type { Finding } from './finding.ts'
import { renderFindings } from './render.ts'
import { runChecks } from './run-checks.ts'

let setup: Setup
let uri: string
beforeAll(async () => {
  setup = await openSetup()
  uri = (await setup.startOrchestrator('orchestrator1')).uri
}, 60_000)
afterAll(() => setup?.[Symbol.asyncDispose]())

type Report = { readonly ok: boolean; readonly findings: readonly Finding[] }
const verdicts = (report: Report) => Object.fromEntries(report.findings.map(({ check, verdict }) => [check, verdict]))
const host = () => new URL(setup.url).host

describe('millrace doctor', () => {
  it('finds nothing wrong with an orchestrator and worker that can run', async () => {
    const cli = `127.0.0.1:${await freePort()}`
    const line = [
      '-orchestrator',
      '-transcoder',
      '-pricePerUnit=1',
      '-pixelsPerUnit=100',
      '-serviceAddr',
      uri,
      '-cliAddr',
      cli,
    ]
    const { code, out, err } = await runToEnd(setup.home, [
      'doctor',
      ...line,
      ...(await setup.account('orchestrator1')),
      '--json',
    ])
    expect(err).toBe('')
    const report = JSON.parse(out) as Report
    const { reward, GPU, 'media engine': engine, [`RPC ${host()}`]: rpc, ...rest } = verdicts(report)
    expect(rest).toEqual({
      ...{
        Node: 'ok',
        'data folder': 'ok',
        keystore: 'ok',
        contracts: 'ok',
        clock: 'ok',
        balance: 'ok',
      },
      ...{
        registration: 'ok',
        'service URI': 'ok',
        'service address': 'ok',
        'FFmpeg program': 'ok',
      },
      // Its account has no reserve, so nobody tells it a price.
      price: 'warning',
    })
    // The node may be about to call it; this machine may have a GPU or none, and be slow while other tests run.
    for (const verdict of [reward, GPU, engine, rpc]) expect(['ok', 'warning']).toContain(verdict)
    expect({ code, ok: report.ok }).toEqual({ code: 0, ok: true })
    expect(out).not.toContain(PASSWORD)
  }, 60_000)

  it('tells a person what is wrong with a broken gateway, and ends with status 1', async () => {
    const dead = `http://127.0.0.1:${await freePort()}/v2/secret-word`
    const { code, out, err } = await runToEnd(setup.home, [
      ...[
        'doctor',
        'gateway',
        '-network=devnet',
        '-ethUrl',
        `${dead},${setup.url}`,
        '-dataDir',
        join(setup.home, 'broken'),
      ],
      ...['-ethKeystorePath', await setup.keystore('gateway'), '-ethPassword', 'wrong-word', '-maxPricePerUnit=1'],
    ])
    expect({ code, err }).toEqual({ code: 1, err: '' })
    expect(out).toMatch(/FAILED {3}keystore +the password does not open/)
    expect(out).toMatch(/FAILED {3}RPC 127\.0\.0\.1:\d+ +no Ethereum RPC answers/)
    expect(out).toMatch(new RegExp(`ok {7}RPC ${host().replaceAll('.', '\\.')} `))
    // What hangs on the key is not called a fault of its own.
    expect(out).toMatch(/not run {2}balance +needs the check "keystore"/)
    expect(out).toMatch(/not run {2}deposit +needs the check "keystore"/)
    expect(out).toMatch(/→ /)
    expect(out).toMatch(/\n\n\d+ ok, 2 failed, 3 not run\n$/)
    expect(out).not.toMatch(/secret-word|wrong-word/)
  }, 60_000)

  it('tells of a command line that no role can start with', async () => {
    let out = ''
    const terminal = { write: (text: string) => (out += text) }
    expect(await runDoctor(['-orchestratr', '--json'], { environment: {}, terminal })).toBe(1)
    expect(verdicts(JSON.parse(out) as Report)).toEqual({ Node: 'ok', 'command line': 'failed' })
    expect(out).toContain('did you mean -orchestrator?')
  })
})

it('millrace doctor --help says how to ask', async () => {
  let out = ''
  const terminal = { write: (text: string) => (out += text) }
  expect(await runDoctor(['orchestrator', '-help'], { environment: {}, terminal })).toBe(0)
  expect(out).toMatch(/^millrace doctor \[ROLE\]/)
})

describe('millrace gateway plan', () => {
  const line = async (...args: string[]) => [...args, ...(await setup.account('gateway'))]
  const plan = async (...args: string[]): Promise<string> => {
    let out = ''
    await runGatewayPlan(await line(...args), { environment: {}, write: (text) => (out += text) })
    return out
  }

  it('says in plain words what a gateway of this network needs, at its maximum price', async () => {
    const words = ['--streams', '20', '-maxPricePerUnit=1', '-pixelsPerUnit=100', '--ladder=P240p30fps16x9']
    const { code, out, err } = await runToEnd(setup.home, ['gateway', 'plan', ...(await line(...words))])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('20 streams, 24 hours a day, for 7 days')
    // 350,000 gas at 1 wei, a hundred times.
    expect(out).toMatch(/face value +0\.035 gwei, 100 times that/)
    expect(out).toMatch(/reserve +0\.07 gwei +2 orchestrators × a face value of 0\.035 gwei/)
    expect(out).toMatch(/price +0\.01 wei per pixel \(-maxPricePerUnit\)/)
    expect(out).toMatch(/winning +one ticket in 10:/)
  })

  it('says what it assumes where no network is named, for a first look', async () => {
    const { code, out, err } = await runToEnd(setup.home, ['gateway', 'plan', '--streams', '20'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/reserve +\S+ ETH +100 orchestrators/)
    expect(out).toMatch(/price +1200 wei per pixel \(assumed\)/)
    expect(out).toContain(
      'ASSUMED, because no -network was named: Arbitrum One with 100 orchestrators and gas at 0.1 gwei',
    )
  })

  it('takes the price that orchestrators of the network ask, and gives numbers to scripts', async () => {
    const out = await plan('--streams=3', '--hours-per-day=0.5', '--ladder', 'P240p30fps16x9', '--json')
    const pixels = 426 * 240 * 30
    expect(JSON.parse(out)).toMatchObject({
      ...{ streams: 3, hoursPerDay: 0.5, price: '1/100', priceFrom: 'the highest of 1 orchestrators that were asked' },
      ...{ pixelsPerSecond: `${pixels}/1`, burnPerDayWei: String((pixels * 3 * 1800) / 100), faceValueWei: '35000000' },
      ...{ reserveWei: '70000000', activeOrchestrators: '2', ticketsPerWin: '10/1' },
    })
  })

  it.each([
    [[], '--streams is missing'],
    [['--streams=0'], '--streams must be a number above 0'],
    [['--streams=1.5'], '--streams must be a whole number from 1'],
    [['--streams=1', '--hours-per-day=25'], '--hours-per-day must be a number above 0, at most 24'],
    [['--streams=1', '--hour-per-day=2'], 'there is no flag -hour-per-day'],
  ])('%j is refused in one sentence', async (args, sentence) => {
    await expect(plan('-maxPricePerUnit=1', ...args)).rejects.toThrow(sentence)
  })
})

describe('the pages', () => {
  const lines = ['doctor', 'deploy'].flatMap((page) =>
    [
      ...readFileSync(new URL(`../../../../../docs/operating/${page}.md`, import.meta.url), 'utf8').matchAll(
        /```sh\n(.*?)```/gs,
      ),
    ]
      .flatMap(([, block = '']) => block.trim().split('\n'))
      .flatMap((line) => (/^npx millrace (.+)$/.exec(line) ?? []).slice(1)),
  )
  const line = (start: string): readonly string[] => lines.find((words) => words.startsWith(start))!.split(' ')
  /** The line with other words behind some of its flags. */
  const changed = (words: readonly string[], values: Readonly<Record<string, string>>) =>
    words.map((word, i) => values[words[i - 1] ?? ''] ?? word)

  it('name lines that this test knows', () => expect(lines).toHaveLength(3))

  it('give a line that looks at a set-up', async () => {
    const words = changed(line('doctor -orchestrator'), { '-serviceAddr': `127.0.0.1:${await freePort()}` })
    const { code, err, out } = await runToEnd(setup.home, words)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/warning {2}service address {2}nothing answers/)
  }, 60_000)

  it('give a line for a service, with its files', async () => {
    const sample = fileURLToPath(new URL('../../../../../deploy/config/orchestrator.toml', import.meta.url))
    const words = changed(line('doctor orchestrator'), { '-config': sample, '-ethPassword': 'a word' }).slice(1)
    const names = checksOf(await subjectOf(words, {})).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['data folder', 'RPC your-first-rpc', 'service address', 'GPU']))
  })

  it('give a line that plans a gateway', async () => {
    const words = changed(line('gateway plan'), { '-network': 'devnet', '-ethUrl': setup.url })
    const { code, err, out } = await runToEnd(setup.home, words)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('20 streams, 8 hours a day, for 7 days')
  })
})

describe('checks', () => {
  it('that hang are ended, and hold up no others', async () => {
    const findings = await runChecks([
      { name: 'hangs', timeoutMs: 50, run: () => new Promise(() => {}) },
      { name: 'throws', run: async () => Promise.reject(new Error('broken')) },
      { name: 'works', run: async () => ({ verdict: 'ok', found: 'well' }) },
    ])
    expect(findings.map(({ verdict, found }) => [verdict, found])).toEqual([
      ['failed', 'the check "hangs" took longer than 50 ms'],
      ['failed', 'broken'],
      ['ok', 'well'],
    ])
  })

  it('are shown in lines that fit, without what could steer a terminal', () => {
    const esc = String.fromCharCode(27)
    const [first, second] = renderFindings(
      [
        {
          check: 'price',
          verdict: 'warning',
          found: `a ${esc}[2Jb ${'word '.repeat(20)}`,
          advice: 'do it',
          elapsedMs: 1,
        },
      ],
      { colour: false, width: 60 },
    )
    expect(first).toMatch(/^warning {2}price {2}a \[2Jb word/)
    expect(first!.length).toBeLessThanOrEqual(60)
    expect(second).toMatch(/^ {16}word/)
  })
})

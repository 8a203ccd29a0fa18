import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@millrace/base/node'
import { makeTestClip, readMarks, type TestClip } from '@millrace/media/testing'
import { manifestId } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pushSegment } from './push-segment.ts'
import { command, commandsOf } from './role-pages.fixture.ts'
import { type RoleProcess, runToEnd, startRole } from './role-process.fixture.ts'
import { decodeJoinToken } from './roles/join-token.ts'

let home: string
let clip: TestClip
let running: RoleProcess[] = []

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'millrace-roles-'))
  clip = await makeTestClip({ seconds: 6, width: 640, height: 360, fps: 30, seed: 9 })
}, 60_000)
afterAll(async () => {
  await Promise.all(running.map((role) => role.stop()))
  rmSync(home, { recursive: true, force: true })
})

async function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RoleProcess> {
  const role = await startRole(home, args, env)
  running.push(role)
  return role
}

async function stop(role: RoleProcess): Promise<number | null> {
  running = running.filter((other) => other !== role)
  return (await role.stop()).code
}

/** A command line without one of its flags. */
const withoutFlag = (flag: string, words: readonly string[]) =>
  words.filter((word, i) => word !== flag && words[i - 1] !== flag)

/** The one that takes remote workers. */
const offChainOrchestrator = () =>
  commandsOf('orchestrator').find((words) => words.length === 3 && words[1] === '-serviceAddr') ?? []

/** When the role logged a sentence for the last time, in milliseconds. */
const timeOf = (role: RoleProcess, sentence: string): number =>
  role
    .log()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { readonly msg: string; readonly time: number })
    .findLast(({ msg }) => msg === sentence)?.time ?? Number.NaN

const operatorOf = (role: RoleProcess): string => /operator (http:\S+)/.exec(role.out())?.[1] ?? ''

/** Listens to a node; resolves to a function that waits for an event with the text. */
async function listen(operatorUrl: string): Promise<(text: string) => Promise<void>> {
  const response = await fetch(`${operatorUrl}/events`, { signal: AbortSignal.timeout(20_000) })
  const decoder = new TextDecoder()
  let heard = ''
  return async (text) => {
    for await (const chunk of response.body!) {
      heard += decoder.decode(chunk, { stream: true })
      if (heard.includes(text)) return
    }
  }
}

const at = async () => `127.0.0.1:${await freePort()}`

describe('off chain, by command lines as of go-livepeer', () => {
  let orchestrator: RoleProcess
  let service: string
  let gatewayUrl: string
  let secretFile: string

  beforeAll(async () => {
    service = await at()
    secretFile = join(home, 'secret.txt')
    writeFileSync(secretFile, 'between us\n')
    const http = await at()
    gatewayUrl = `http://${http}`
    // The command lines are those of the pages, on ports that are free here.
    const [started] = await Promise.all([
      start([...offChainOrchestrator(), '-serviceAddr', service, '-orchSecret', 'between us', '-cliAddr', await at()]),
      start([...command('worker', '-transcoder'), '-orchAddr', service, '-cliAddr', await at()]),
      start(
        [
          ...withoutFlag('-orchAddr', command('gateway', '-gateway')),
          ...['-httpAddr', http, '-rtmpAddr', await at(), '-cliAddr', await at()],
        ],
        { LP_ORCHADDR: service },
      ),
    ])
    orchestrator = started
    await orchestrator.logged('a worker joined')
  }, 60_000)

  const push = (seq: number) => {
    const { data, durationMs } = clip.segments[seq]!
    return pushSegment(gatewayUrl, { manifestId: manifestId('film'), seq, data, durationMs, container: 'mpegts' })
  }

  it('a pushed segment comes back in every rendition', async () => {
    const { renditions, feeWei } = await push(0)
    expect(renditions.map(({ name }) => name)).toEqual(['P240p30fps16x9', 'P720p30fps16x9'])
    for (const { data } of renditions) expect((await readMarks(data)).length).toBeGreaterThan(0)
    expect(feeWei).toBe(0n)
    const { port } = new URL(operatorOf(orchestrator))
    const told = await runToEnd(home, ['workers', '--http', port, '--json'])
    const pixels = 30n * 2n * (426n * 240n + 1280n * 720n)
    expect(JSON.parse(told.out)).toMatchObject({
      workers: [{ account: '127.0.0.1', sessions: 1, capacity: 4 }],
      accounts: [{ account: '127.0.0.1', segments: 1, failed: 0, pixels: String(pixels), share: 1 }],
    })
  }, 30_000)

  it('a worker joins by one token within 2 s, and takes over when the other stops and delivers what it holds', async () => {
    const printed = await runToEnd(home, [
      ...command('orchestrator', '-printJoinToken'),
      ...['-serviceAddr', service, '-orchSecret', secretFile],
    ])
    expect(printed).toMatchObject({ code: 0, err: '' })
    const before = orchestrator.log().split('a worker joined').length
    const joining = start([
      ...command('worker', '-join').map((word) => (word === 'TOKEN' ? printed.out.trim() : word)),
      ...['-cliAddr', await at(), '-dataDir', mkdtempSync(join(home, 'second-'))],
    ])
    while (orchestrator.log().split('a worker joined').length === before)
      await new Promise((done) => setTimeout(done, 10))
    const second = await joining
    await second.logged('node is up')
    // From when its code is loaded, which takes as long as the machine is busy: about a second on a quiet one.
    expect(timeOf(orchestrator, 'a worker joined') - timeOf(second, 'node is up')).toBeLessThan(2_000)
    const first = running.find((role) => role.out().includes('millrace worker') && role !== second)!
    const told = await listen(operatorOf(first))
    const held = push(1)
    await told('"seq":1')
    expect(await stop(first)).toBe(0)
    expect((await held).renditions).toHaveLength(2)
    expect(first.log()).toContain('finishing what is under way')
    expect(orchestrator.log()).not.toContain('a worker went away')
    await orchestrator.logged('a worker left')
    expect((await push(2)).renditions).toHaveLength(2)
    expect(orchestrator.log()).not.toContain(printed.out.trim())
  }, 30_000)

  it.concurrent('a second orchestrator in the same data folder is refused', async () => {
    const { code, err } = await runToEnd(home, ['orchestrator', '-serviceAddr', await at(), '-cliAddr', await at()])
    expect(err).toMatch(/nodes\/orchestrator is in use by another millrace/)
    expect(code).toBe(1)
  })

  it.concurrent('a port that is in use is named with its flag', async () => {
    const { code, err } = await runToEnd(home, [
      'orchestrator',
      ...['-serviceAddr', service, '-cliAddr', await at(), '-dataDir', join(home, 'third')],
    ])
    expect(err).toMatch(new RegExp(`port ${service.split(':')[1]} is in use.*--service-addr`))
    expect(code).toBe(1)
  })
})

it('an orchestrator with a worker of its own serves a gateway, and curl gets the renditions', async () => {
  const [service, http] = [await at(), await at()]
  const own = async () => ['-cliAddr', await at(), '-dataDir', mkdtempSync(join(home, 'own-'))]
  const roles = await Promise.all([
    start([...command('orchestrator', 'orchestrator', '-transcoder'), '-serviceAddr', service, ...(await own())]),
    start([
      ...[
        ...command('gateway', 'gateway', '-orchAddr'),
        '-orchAddr',
        service,
        '-httpAddr',
        http,
        '-rtmpAddr',
        await at(),
      ],
      ...(await own()),
    ]),
  ])
  writeFileSync(join(home, 'segment.ts'), clip.segments[0]!.data)
  const [, ...words] = command('gateway', 'curl').map((word) => word.replace('127.0.0.1:9935', http))
  const curl = spawnSync('curl', ['-sS', '--fail', ...words], { cwd: home, encoding: 'utf8', timeout: 20_000 })
  if (curl.error) console.log('NOT RUN: the curl line of the gateway page. To get it: curl on the PATH')
  else {
    expect(curl.stderr).toBe('')
    expect(readFileSync(join(home, 'renditions'), 'latin1')).toMatch(/Rendition-Name: P360p30fps16x9/i)
  }
  expect(await Promise.all(roles.map(stop))).toEqual([0, 0])
}, 30_000)

it('several roles run in one process, from a file', async () => {
  const [service, http] = [await at(), await at()]
  const file = join(home, 'all.toml')
  writeFileSync(
    file,
    `gateway = true\norchestrator = true\n[worker]\ntranscoder = true\n[addresses]\nservice-addr = "${service}"\nhttp_addr = "${http}"\nrtmpAddr = "${await at()}"\n`,
  )
  const all = await start(['-config', file, '-dataDir', join(home, 'all'), '-cliAddr', await at()])
  expect(all.out()).toContain('millrace gateway + orchestrator + worker is up')
  const { data, durationMs } = clip.segments[0]!
  const pushed = await pushSegment(`http://${http}`, {
    manifestId: manifestId('x'),
    seq: 0,
    data,
    durationMs,
    container: 'mpegts',
  })
  expect(pushed.renditions.map(({ name }) => name)).toEqual(['P240p30fps16x9', 'P360p30fps16x9'])
  expect(await stop(all)).toBe(0)
}, 30_000)

it('an orchestrator without a secret makes one that only its owner reads, and tells it with its address', async () => {
  const dataDir = join(home, 'own-secret')
  const { code, out } = await runToEnd(home, [
    'orchestrator',
    '-serviceAddr',
    '10.0.0.5',
    '-dataDir',
    dataDir,
    '-printJoinToken',
  ])
  expect(code).toBe(0)
  const path = join(dataDir, 'nodes/orchestrator/join-secret')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(decodeJoinToken(out.trim())).toEqual({
    uri: 'https://10.0.0.5:8935',
    secret: readFileSync(path, 'utf8').trim(),
  })
})

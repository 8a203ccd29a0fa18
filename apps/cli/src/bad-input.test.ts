import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@millrace/base/node'
import { freePortOffset } from '@millrace/devnet'
import { makeTestClip } from '@millrace/media/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const PROGRAM = fileURLToPath(new URL('../bin/millrace.js', import.meta.url))

let folder: string
let clip: Uint8Array

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-cli-'))
  clip = (await makeTestClip({ seconds: 4, width: 320, height: 180, fps: 30, seed: 1 })).mp4
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Ended = { readonly code: number | null; readonly out: string; readonly err: string }

/** Runs the program to its end. */
function millrace(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], { env: { ...process.env, HOME: folder } })
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk) => {
      out += chunk
    })
    child.stderr.on('data', (chunk) => {
      err += chunk
    })
    child.once('exit', (code) => resolve({ code, out, err }))
  })
}

/** `millrace up` with ports and a folder of its own; it stops by itself after some seconds when nothing is wrong. */
async function up(...args: string[]): Promise<Ended> {
  const offset = await freePortOffset()
  const data = args.includes('--data-dir') ? [] : ['--data-dir', join(folder, `data-${offset}`)]
  return millrace('up', '--port-offset', String(offset), '--seconds', '6', ...data, ...args)
}

/** One clear sentence with its code, no stack, and a status other than 0. */
function expectSentence({ code, err }: Ended, sentence: RegExp): void {
  expect(err).toMatch(sentence)
  expect(err.trim().split('\n')).toHaveLength(1)
  expect(err).toMatch(/ \[[a-z]\w+\]\n$/)
  expect(code).toBe(1)
}

const file = (name: string, data: Uint8Array | string): string => {
  const path = join(folder, name)
  writeFileSync(path, data)
  return path
}

describe('millrace up says in one sentence what is wrong when', () => {
  it(
    'its source is missing',
    async () => expectSentence(await up('--source', '/nowhere.mp4'), /there is no file \/nowhere.mp4: check --source/),
    30_000,
  )

  it('its source is not a video', async () => {
    expectSentence(await up('--source', file('text.mp4', 'this is a text, not a film\n'.repeat(500))), /text\.mp4/)
  }, 30_000)

  it('a port is in use, with the port and the flag', async () => {
    const port = await freePort()
    const server = createServer().listen(port, '127.0.0.1')
    for (const flag of ['--chain-port', '--rtmp-port', '--http-port', '--web-port'])
      expectSentence(await up('--source', 'none', flag, String(port)), new RegExp(`port ${port} is in use.*${flag}`))
    server.close()
  }, 60_000)

  it('its data folder is of another version', async () => {
    const data = join(folder, 'other-version')
    mkdirSync(data)
    writeFileSync(join(data, 'version'), '99\n')
    expectSentence(await up('--data-dir', data), /has version 99.*--fresh/)
  }, 30_000)

  it(
    'its data folder is a file',
    async () =>
      expectSentence(await up('--data-dir', file('a-file', '')), /is a file, or lies below one: name a folder/),
    30_000,
  )

  it('its data folder is in use', async () => {
    const data = join(folder, 'shared')
    const first = spawn(process.execPath, [
      PROGRAM,
      'up',
      '--source',
      'none',
      '--offchain',
      '--data-dir',
      data,
      '--port-offset',
      String(await freePortOffset()),
    ])
    await new Promise((resolve) => first.stdout.once('data', resolve))
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expectSentence(await up('--offchain', '--data-dir', data), /is in use by another millrace/)
    first.kill('SIGKILL')
    await new Promise((resolve) => first.once('exit', resolve))
  }, 30_000)

  it('a key file cannot be read', async () => {
    const data = join(folder, 'bad-key')
    mkdirSync(join(data, 'nodes/gateway/keystore'), { recursive: true })
    writeFileSync(join(data, 'nodes/gateway/keystore/key'), 'not a key')
    expectSentence(await up('--source', 'none', '--data-dir', data), /is not a key file/)
  }, 30_000)

  it('the RPC URL is wrong, or is another chain', async () => {
    expectSentence(
      await up('--eth-url', 'http://127.0.0.1:1'),
      /no Ethereum RPC answers at http:\/\/127.0.0.1:1: check --eth-url/,
    )
    const { createServer: httpServer } = await import('node:http')
    const other = httpServer((_, response) => response.end('{"jsonrpc":"2.0","id":1,"result":"0x1"}')).listen(
      0,
      '127.0.0.1',
    )
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as { port: number }
    expectSentence(await up('--eth-url', `http://127.0.0.1:${port}`), /is chain 1, this network is chain 31337/)
    other.close()
  }, 30_000)

  it('a flag is unknown or has no number', async () => {
    expectSentence(await up('--sorce', 'x'), /there is no flag --sorce; did you mean --source\?/)
    expectSentence(await up('--web-port', 'abc'), /--web-port must be a whole number/)
  }, 30_000)

  it('the disk is full', async () => {
    const mount = join(folder, 'full')
    mkdirSync(mount)
    const script = `mount -t tmpfs -o size=700k tmpfs ${mount} && exec "$0" ${PROGRAM} up --source none --data-dir ${mount} --port-offset ${await freePortOffset()}`
    const ended = spawnSync('unshare', ['-rm', 'sh', '-c', script, process.execPath], {
      encoding: 'utf8',
      timeout: 20_000,
    })
    if (ended.error || /unshare|mount:/.test(ended.stderr)) {
      console.log(
        'NOT RUN: the test of a full disk. To get it: a system on which `unshare -rm` and a tmpfs are allowed',
      )
      return
    }
    expectSentence({ code: ended.status, out: ended.stdout, err: ended.stderr }, /no space left on the disk/)
  }, 30_000)
})

it('a source that breaks off ends its stream with a warning, and the network goes on', async () => {
  const { code, out } = await up(
    '--source',
    file('broken.mp4', clip.subarray(0, Math.floor(clip.length * 0.6))),
    '--json',
    '--preset',
    'ultrafast',
  )
  const events = out
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
  expect(events.some((event) => event.type === 'stream_ended')).toBe(true)
  expect(events.find((event) => event.type === 'warning')?.message).toMatch(/breaks off|not complete|cut off/)
  expect(code).toBe(0)
}, 30_000)

describe('millrace transcode', () => {
  it('gives an MP4 for each rendition and the bill', async () => {
    const output = join(folder, 'renditions')
    const ended = await millrace('transcode', file('clip.mp4', clip), output, '--json')
    expect(ended.err).toBe('')
    const bill = JSON.parse(ended.out.trim().split('\n').at(-1) as string)
    expect(BigInt(bill.feeWei)).toBeGreaterThan(0n)
    expect(bill.segments).toBe(2)
    expect(readdirSync(output).sort()).toEqual(['240p0.mp4', '360p0.mp4', '480p0.mp4', '720p0.mp4'])
    expect(ended.code).toBe(0)
  }, 60_000)

  it('says what is wrong with its input and writes nothing', async () => {
    const output = join(folder, 'nothing')
    expectSentence(await millrace('transcode', '/nowhere.mp4', output), /there is no file \/nowhere.mp4/)
    expectSentence(await millrace('transcode', file('noise.mp4', Buffer.alloc(9_000, 7)), output), /noise\.mp4/)
    expectSentence(
      await millrace('transcode', file('half.mp4', clip.subarray(0, clip.length / 2)), output),
      /half\.mp4 .*(breaks off|not complete|cut off)/,
    )
    expect(existsSync(output)).toBe(false)
  }, 60_000)
})

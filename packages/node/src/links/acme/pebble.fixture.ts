import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { freePort } from '@millrace/base/node'
import { makeCertificate } from '../tls.ts'

export const HOW_TO_GET_PEBBLE = 'go install github.com/letsencrypt/pebble/v2/cmd/pebble@latest'

/** Let's Encrypt's own test server, where it is installed: PEBBLE_BIN, else the PATH. */
export function findPebble(): string | undefined {
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'pebble'))
  return [process.env.PEBBLE_BIN, ...onPath].find((path) => path && isExecutable(path))
}

/** Starts Pebble, for whose resolver every name is of the loopback; challenges are fetched from `challengePort`. */
export async function startPebble(
  program: string,
  challengePort: number,
): Promise<{ readonly directory: string; readonly ca: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-pebble-'))
  const { cert } = await makeCertificate('127.0.0.1', folder)
  const port = await freePort()
  const pebble = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${await freePort()}`,
    certificate: join(folder, 'cert.pem'),
    privateKey: join(folder, 'key.pem'),
    httpPort: challengePort,
    tlsPort: 5001,
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
    profiles: { default: { description: 'as usual', validityPeriod: 7_776_000 } },
  }
  await writeFile(join(folder, 'pebble.json'), JSON.stringify({ pebble }))
  // Its resolver asks over TCP, where two bytes before each message tell its length.
  const names = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      const answer = answerTo(bytes.subarray(2))
      socket.write(Buffer.concat([Buffer.of(answer.length >> 8, answer.length & 255), answer]))
    })
  })
  names.listen(0, '127.0.0.1')
  await once(names, 'listening')
  const resolver = `127.0.0.1:${(names.address() as AddressInfo).port}`
  const child = spawn(
    program,
    ['-config', join(folder, 'pebble.json'), '-strict', '-dnsserver', resolver],
    // Pebble spoils some nonces by itself; the wait before it looks at a challenge is left out.
    { env: { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '20' }, stdio: 'ignore' },
  )
  const ended = once(child, 'exit')
  const directory = `https://127.0.0.1:${port}/dir`
  const stop = async () => {
    child.kill()
    await ended
    names.close()
    await rm(folder, { recursive: true, force: true })
  }
  for (const began = Date.now(); !(await answers(directory, cert)); )
    if (Date.now() - began > 10_000 || child.exitCode !== null) {
      await stop()
      throw new Error('pebble does not start')
    }
  return { directory, ca: cert, [Symbol.asyncDispose]: stop }
}

/** An answer of DNS (RFC 1035): every name has the address 127.0.0.1, and nothing else. */
function answerTo(question: Buffer): Buffer {
  let end = 12
  while (question[end] !== 0) end += 1 + question[end]!
  const asked = question.subarray(12, end + 5)
  const isAddress = asked.readUInt16BE(asked.length - 4) === 1
  const head = Buffer.from(question.subarray(0, 12))
  head.writeUInt16BE(0x8580, 2)
  head.writeUInt16BE(isAddress ? 1 : 0, 6)
  head.writeUInt32BE(0, 8)
  const address = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1])
  return Buffer.concat([head, asked, ...(isAddress ? [address] : [])])
}

const answers = (url: string, ca: string): Promise<boolean> =>
  new Promise((resolve) => {
    get(url, { ca, agent: false, headers: { 'user-agent': 'test' } }, (response) =>
      resolve(response.resume().statusCode === 200),
    ).on('error', () => setTimeout(() => resolve(false), 50))
  })

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

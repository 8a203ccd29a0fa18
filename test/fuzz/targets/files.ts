import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MillraceError, silentLog } from '@millrace/base'
import { openSqlite, parseMultipart } from '@millrace/base/node'
import { decryptKey, encryptKey } from '@millrace/chain/node'
import { decodeNodeConfig, encodeNodeConfig } from '@millrace/node'
import { MemoryTicketStore } from '@millrace/payments'
import { nodeId } from '@millrace/wire'
import { signatureVerifier } from '@millrace/wire/node'
import { readFlagFile } from '../../../apps/cli/src/flags/flag-file.ts'
import { parseArgs } from '../../../apps/cli/src/flags/parse-args.ts'
import { decodeJoinToken, encodeJoinToken } from '../../../apps/cli/src/roles/join-token.ts'
import { isPrivateHost } from '../../../packages/base/src/node/private-addresses.ts'
import { goLivepeerDatabase, importGoLivepeerTickets } from '../../../packages/node/src/store/go-livepeer-tickets.ts'
import { Broken, type Target } from '../target.ts'

const isOwn = (error: unknown): boolean => error instanceof MillraceError
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
const lines = (...all: readonly string[]) => all.map((line) => Buffer.from(line))

/** A folder for a door that reads files. */
function folderOf(name: string): { readonly path: () => string; readonly open: NonNullable<Target['open']> } {
  let path = ''
  return {
    path: () => path,
    open: async () => {
      path = mkdtempSync(join(tmpdir(), `millrace-fuzz-${name}-`))
      return async () => rmSync(path, { recursive: true, force: true })
    },
  }
}

const config = folderOf('config')
const flags = folderOf('flags')
const tickets = folderOf('tickets')

const nodeConfig = {
  nodeId: nodeId('gateway'),
  folder: '/data',
  network: {
    kind: 'chain',
    ethUrl: 'http://127.0.0.1:8545',
    controller: `0x${'11'.repeat(20)}`,
    pollMs: 1000,
    payments: 'livepeer',
  },
  operator: { host: '127.0.0.1', port: 5935 },
  gateway: {
    rtmp: undefined,
    http: { host: '127.0.0.1', port: 9935 },
    ladder: [],
    maxPricePerPixel: { num: 1n, den: 3n },
  },
} as const

let keystore = '{}'
let database: Uint8Array = new Uint8Array(0)

const BOUNDARY = 'a6381033a3e574f7f715'
const part = (body: string, ...heads: readonly string[]) => `--${BOUNDARY}\r\n${heads.join('\r\n')}\r\n\r\n${body}\r\n`

export const fileTargets: readonly Target[] = [
  {
    name: 'multipart',
    samples: () =>
      lines(
        `${part('abc', 'Content-Type: video/mp2t', 'Content-Length: 3', 'Pixels: 100')}${part('defg', 'Pixels: 5')}--${BOUNDARY}--\r\n`,
        `${part('', 'Content-Length: 0')}--${BOUNDARY}--`,
      ),
    words: [
      `--${BOUNDARY}`,
      `--${BOUNDARY}--`,
      '\r\n',
      '\r\n\r\n',
      'Content-Length: 999999999999',
      'Content-Length: 0',
      '__proto__: x',
    ],
    take: (input) => {
      const total = parseMultipart(input, BOUNDARY).reduce((sum, { body }) => sum + body.length, 0)
      if (total > input.length) throw new Broken(`${input.length} bytes gave parts of ${total}`)
    },
    isOwn,
  },
  {
    name: 'node-config-file',
    open: config.open,
    samples: () => lines(encodeNodeConfig(nodeConfig), '{}', '[]'),
    words: ['null', '{}', '[]', '"__proto__":', '1e999', '-1', '"kind":"offchain"', '65536', '"num":"-1"', '\0'],
    take: (input) => {
      const path = join(config.path(), 'node.json')
      writeFileSync(path, input)
      const decoded = decodeNodeConfig(path)
      writeFileSync(path, encodeNodeConfig(decoded))
      if (encodeNodeConfig(decodeNodeConfig(path)) !== encodeNodeConfig(decoded))
        throw new Broken('written and read again it is another')
    },
    isOwn,
  },
  {
    name: 'flag-file',
    open: flags.open,
    samples: () =>
      lines(
        'gateway = true\n[chain]\neth-url = "https://a"\nmaxPricePerUnit = 1e3\norch_addr = ["a", "b"]\n',
        '{"gateway": true, "chain": {"ethUrl": "https://a"}, "pricePerGateway": {"gateways": []}}',
        'gateway\nethUrl https://a\n# a comment\n-network devnet\n',
      ),
    words: [
      '[',
      ']',
      '[[a]]',
      '=',
      '"""',
      "'''",
      '\\u0000',
      '__proto__',
      'constructor',
      '{',
      '1979-05-27',
      'nan',
      '0x',
      '\r',
      '"',
    ],
    take: (input) => {
      const path = join(flags.path(), 'flags')
      writeFileSync(path, input)
      readFlagFile(path)
    },
    isOwn,
  },
  {
    name: 'command-line',
    samples: () => lines('-gateway\n-orchAddr\nhttps://a:1\n--max-price-per-unit=1', '-v=4\n-monitor=false\n--'),
    words: ['-', '--', '=', '-gateway', '-__proto__', '-x=', '\0'],
    take: (input) => void parseArgs(text(input).split('\n')),
    isOwn,
  },
  {
    name: 'join-token',
    samples: () => lines(encodeJoinToken({ uri: 'https://10.0.0.5:8935', secret: 'between us' })),
    words: ['millrace-join-1.', '.', '=', 'eyJ'],
    take: (input) => void decodeJoinToken(text(input)),
    isOwn,
  },
  {
    name: 'keystore-file',
    open: async () => {
      keystore = JSON.stringify(await encryptKey(new Uint8Array(32).fill(7), 'password', { n: 16 }))
      return async () => {}
    },
    samples: () => lines(keystore),
    words: [
      'null',
      '"n":1073741824',
      '"n":0',
      '"r":1e9',
      '"p":0',
      '"dklen":2147483647',
      '"salt":""',
      '"iv":"00"',
      '"mac":""',
      '{}',
      '"version":1',
      '"kdf":"pbkdf2"',
    ],
    take: async (input) => void (await decryptKey(text(input), 'password')),
    isOwn,
  },
  {
    name: 'go-livepeer-tickets',
    open: async () => {
      const close = await tickets.open()
      database = goLivepeerTickets(join(tickets.path(), 'made.sqlite'))
      return close
    },
    samples: () => [database],
    take: async (input) => {
      writeFileSync(goLivepeerDatabase(tickets.path()), input)
      await importGoLivepeerTickets(
        { folder: tickets.path(), recipient: `0x${'22'.repeat(20)}`, chainId: 42161 },
        { store: new MemoryTicketStore(), verifier: signatureVerifier, log: silentLog },
      )
    },
    isOwn,
  },
  {
    name: 'service-uri',
    takesAll: true,
    samples: () =>
      lines(
        'https://127.0.0.1:8935',
        'https://[::ffff:7f00:1]:1',
        'https://0x7f.1',
        'https://example.com',
        'https://localhost',
      ),
    words: ['[', ']', '::', '%', '@', '\\', '0x', '169.254.169.254', '2130706433', 'localhost', '.'],
    take: (input) => {
      const uri = text(input)
      if (!URL.canParse(uri) || new URL(uri).protocol !== 'https:') return
      const { hostname } = new URL(uri)
      if (
        !isPrivateHost(uri) &&
        /^(127|10|192\.168|169\.254)(\.\d+)+$|^\[::1\]$|^\[::ffff:(7f[0-9a-f]{2}|a[0-9a-f]{2}|a9fe|c0a8):[0-9a-f]+\]$/.test(
          hostname,
        )
      )
        throw new Broken(`${hostname} counts as public`)
    },
    isOwn,
  },
]

/** A database as go-livepeer leaves it, with one row that is not a valid ticket and one that is nearly. */
function goLivepeerTickets(path: string): Uint8Array {
  const db = openSqlite(path, [
    `CREATE TABLE kv (key STRING PRIMARY KEY, value STRING, updatedAt STRING DEFAULT CURRENT_TIMESTAMP);
     INSERT INTO kv (key, value) VALUES ('chainID', '42161');
     CREATE TABLE ticketQueue (createdAt DATETIME DEFAULT CURRENT_TIMESTAMP, sender STRING, recipient STRING, faceValue BLOB,
       winProb BLOB, senderNonce INTEGER, recipientRand BLOB, recipientRandHash STRING, sig BLOB PRIMARY KEY, creationRound int64,
       creationRoundBlockHash STRING, paramsExpirationBlock int64, redeemedAt DATETIME, txHash STRING);`,
  ])
  const insert = db.prepare(
    `INSERT INTO ticketQueue (sender, recipient, faceValue, winProb, senderNonce, recipientRand, recipientRandHash, sig, creationRound,
       creationRoundBlockHash, paramsExpirationBlock) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const hash = `0x${'33'.repeat(32)}`
  insert.run(
    `0x${'11'.repeat(20)}`,
    `0x${'22'.repeat(20)}`,
    Buffer.alloc(32, 1),
    Buffer.alloc(32, 255),
    1,
    Buffer.alloc(32, 5),
    hash,
    Buffer.alloc(65, 9),
    10,
    hash,
    99,
  )
  insert.run('nobody', 'x', Buffer.alloc(0), Buffer.alloc(40), -1, Buffer.alloc(3), 'y', Buffer.alloc(1), -5, 'z', 1)
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  db.exec('PRAGMA journal_mode=DELETE')
  db.close()
  return readFileSync(path)
}

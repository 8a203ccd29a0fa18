import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Hex } from '@millrace/base'
import { builtFile } from '@millrace/base/node'
import { expect, it } from 'vitest'
import { KeyValueTable } from './key-value.ts'
import { openNodeStore } from './node-store.ts'
import { TicketNonceTable } from './nonces.ts'
import { TicketOutbox } from './ticket-outbox.ts'

/** `npm run test:store` kills a thousand times. */
const KILLS = Number(process.env.MILLRACE_STORE_KILLS ?? 12)
/** A store is killed while it opens, while it has written little, and while its log goes over into the file. */
const LONGEST_MS = 250
const HELD_TICKETS = 8

const rand = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`
const module = (name: string) => JSON.stringify(builtFile(import.meta.url, `./${name}.js`).href)

/** Writes as a busy orchestrator does, and tells each thing once it counts as kept. */
const writer = (path: string, from: number) => `
  import { writeSync } from 'node:fs'
  import { openNodeStore } from ${module('node-store')}
  import { TicketNonceTable } from ${module('nonces')}
  import { TicketOutbox } from ${module('ticket-outbox')}
  import { KeyValueTable } from ${module('key-value')}
  writeSync(1, 'opening\\n')
  const db = openNodeStore(${JSON.stringify(path)})
  const nonces = new TicketNonceTable(db), outbox = new TicketOutbox(db), kv = new KeyValueTable(db)
  const rand = (n) => '0x' + n.toString(16).padStart(64, '0')
  const request = new Uint8Array(400).fill(7)
  for (let n = ${from}; ; n++) {
    const [claim] = await nonces.claim([{ recipientRandHash: rand(n % 50), senderNonce: n, expirationBlock: 10n, most: 1e9 }])
    writeSync(1, 'nonce ' + n + ' ' + claim + '\\n')
    outbox.put(rand(n), request)
    writeSync(1, 'kept ' + n + '\\n')
    if (n - ${HELD_TICKETS} >= 0) { outbox.remove(rand(n - ${HELD_TICKETS})); writeSync(1, 'gone ' + (n - ${HELD_TICKETS}) + '\\n') }
    kv.set('latest', String(n))
    writeSync(1, 'latest ' + n + '\\n')
  }`

it(`is killed ${KILLS} times while it opens and writes, and keeps all that it told`, {
  timeout: KILLS * 3_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-killed-store-'))
  const path = join(folder, 'store.sqlite')
  const told = { nonces: 0, kills: 0, whileOpening: 0 }
  let from = 0
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', writer(path, from)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = once(child, 'exit')
      const nonces: number[] = []
      const kept = new Set<number>()
      const gone = new Set<number>()
      let latest: number | undefined
      for await (const line of createInterface(child.stdout)) {
        const [what, n, claim] = line.split(' ')
        if (what === 'opening') setTimeout(() => child.kill('SIGKILL'), Math.random() ** 2 * LONGEST_MS)
        if (what === 'nonce') {
          expect(claim, line).toBe('new')
          nonces.push(Number(n))
        }
        if (what === 'kept') kept.add(Number(n))
        if (what === 'gone') gone.add(Number(n))
        if (what === 'latest') latest = Number(n)
      }
      expect((await ended)[1]).toBe('SIGKILL')
      told.kills++
      told.nonces += nonces.length
      if (nonces.length === 0) told.whileOpening++

      const db = openNodeStore(path)
      try {
        expect(db.prepare('PRAGMA quick_check').get()).toEqual({ quick_check: 'ok' })
        const waiting = new Set(new TicketOutbox(db).list(10_000).map(({ hash }) => Number(BigInt(hash))))
        // Of what was written last nobody may have been told: that it was sent, for one.
        const last = Math.max(...kept) - HELD_TICKETS
        for (const n of kept) if (!gone.has(n) && n !== last) expect(waiting.has(n), `ticket ${n}`).toBe(true)
        for (const n of gone) expect(waiting.has(n), `ticket ${n}, which was sent`).toBe(false)
        if (latest !== undefined) expect(Number(new KeyValueTable(db).get('latest'))).toBeGreaterThanOrEqual(latest)
        const table = new TicketNonceTable(db)
        const claims = await table.claim(
          nonces.map((n) => ({ recipientRandHash: rand(n % 50), senderNonce: n, expirationBlock: 10n, most: 1e9 })),
        )
        expect(claims.filter((claim) => claim !== 'seen')).toEqual([])
      } finally {
        db.close()
      }
      // One that was written and not told may be there: the next begins behind it.
      from = (nonces.at(-1) ?? from - 1) + 2
    }
    console.log(
      `  ${told.kills} kills, ${told.whileOpening} of them before the first write; ${told.nonces} nonces told, none lost`,
    )
    expect(told.nonces).toBeGreaterThan(0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

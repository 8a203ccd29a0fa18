import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { builtFile } from './built-file.ts'
import { openSqlite, takeFileLock, transaction } from './sqlite.ts'

const ONE = 'CREATE TABLE a (x INTEGER PRIMARY KEY) STRICT'
const TWO = 'CREATE TABLE b (y TEXT NOT NULL) STRICT'
const BUILT = builtFile(import.meta.url, './sqlite.js').href

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-sqlite-'))
  path = join(folder, 'deep/store.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a script in a process of its own, and kills it once it has printed so many lines. */
async function killedAfter(lines: number, script: string): Promise<string[]> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const printed: string[] = []
  for await (const line of createInterface(child.stdout)) {
    printed.push(line)
    if (printed.length === lines) child.kill('SIGKILL')
  }
  const [, signal] = await ended
  expect(signal).toBe('SIGKILL')
  return printed
}

describe('a store', () => {
  it('is brought up to date step by step, each once', () => {
    openSqlite(path, [ONE]).close()
    const db = openSqlite(path, [ONE, TWO])
    db.prepare('INSERT INTO a VALUES (1)').run()
    db.prepare("INSERT INTO b VALUES ('kept')").run()
    db.close()
    const again = openSqlite(path, [ONE, TWO])
    expect(again.prepare('SELECT y FROM b').all()).toEqual([{ y: 'kept' }])
    again.close()
  })

  it('of a newer program is refused and left as it is', () => {
    openSqlite(path, [ONE, TWO]).close()
    expect(() => openSqlite(path, [ONE])).toThrow(
      expect.objectContaining({ code: 'store_newer', message: expect.stringContaining(path) }),
    )
    const db = openSqlite(path, [ONE, TWO])
    expect(db.prepare('SELECT count(*) AS n FROM b').get()).toEqual({ n: 0 })
    db.close()
  })

  it('whose step fails stays at the step before', () => {
    openSqlite(path, [ONE]).close()
    expect(() => openSqlite(path, [ONE, `${TWO}; CREATE TABLE broken (`])).toThrow(
      expect.objectContaining({ code: 'store_unreadable' }),
    )
    const db = openSqlite(path, [ONE, TWO])
    expect(db.prepare('SELECT count(*) AS n FROM b').get()).toEqual({ n: 0 })
    db.close()
  })

  it('that is no database says what to do', () => {
    const text = join(folder, 'text.sqlite')
    writeFileSync(text, 'this is not a database, however long the text may be '.repeat(100))
    expect(() => openSqlite(text, [ONE])).toThrow(
      expect.objectContaining({ code: 'store_unreadable', message: expect.stringContaining('Move the file away') }),
    )
  })

  it('is written in full before it is acknowledged', () => {
    const db = openSqlite(path, [ONE])
    expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
    expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 })
    expect(db.prepare('PRAGMA foreign_keys').get()).toEqual({ foreign_keys: 1 })
    db.close()
  })

  it('takes a transaction whole or not at all', () => {
    const db = openSqlite(path, [ONE])
    const failure = new Error('half way')
    expect(() =>
      transaction(db, () => {
        db.prepare('INSERT INTO a VALUES (1)').run()
        throw failure
      }),
    ).toThrow(failure)
    expect(transaction(db, () => db.prepare('INSERT INTO a VALUES (2)').run().changes)).toBe(1)
    expect(db.prepare('SELECT x FROM a').all()).toEqual([{ x: 2 }])
    db.close()
  })

  it('loses nothing that was acknowledged when its process is killed while it writes', async () => {
    const printed = await killedAfter(
      200,
      `import { openSqlite } from ${JSON.stringify(BUILT)}
       import { writeSync } from 'node:fs'
       const db = openSqlite(${JSON.stringify(path)}, [${JSON.stringify(ONE)}])
       const insert = db.prepare('INSERT INTO a VALUES (?)')
       for (let x = 0; x < 1e9; x++) { insert.run(x); writeSync(1, x + '\\n') }`,
    )
    const db = openSqlite(path, [ONE])
    const rows = (db.prepare('SELECT x FROM a ORDER BY x').all() as { x: number }[]).map(({ x }) => x)
    db.close()
    expect(printed.length).toBeGreaterThanOrEqual(200)
    expect(rows.slice(0, printed.length)).toEqual(printed.map(Number))
    // At most the one that was written and not yet told is there besides.
    expect(rows.length).toBeLessThanOrEqual(printed.length + 1)
  })
})

describe('a store that was torn', () => {
  /** A store with many pages whose last writes stand in the log beside it, as after a crash. */
  const crashed = async () => {
    await killedAfter(
      2,
      `import { openSqlite } from ${JSON.stringify(BUILT)}
       import { writeSync } from 'node:fs'
       const db = openSqlite(${JSON.stringify(path)}, [${JSON.stringify(TWO)}])
       for (let i = 0; i < 200; i++) db.prepare('INSERT INTO b VALUES (?)').run('kept '.repeat(200))
       db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
       writeSync(1, 'kept\\n')
       for (let i = 0; i < 20; i++) db.prepare('INSERT INTO b VALUES (?)').run('in the log')
       writeSync(1, 'logged\\n')
       setInterval(() => {}, 1000)`,
    )
  }
  const count = (db: ReturnType<typeof openSqlite>) =>
    (db.prepare('SELECT count(*) AS n FROM b').get() as { n: number }).n

  it('so that its log is missing opens with what was in the file', async () => {
    await crashed()
    rmSync(`${path}-wal`)
    const db = openSqlite(path, [TWO])
    expect(count(db)).toBe(200)
    db.prepare("INSERT INTO b VALUES ('goes on')").run()
    db.close()
  })

  it.each([
    ['half of its log is zeros', '-wal', 0.5, 1],
    ['its log is cut off', '-wal', 0.7, undefined],
    ['its second half is zeros', '', 0.5, 1],
    ['its head is zeros', '', 0, 0.01],
  ])('so that %s opens or says what to do, and never gives half of a row', async (_, suffix, from, to) => {
    await crashed()
    const bytes = readFileSync(`${path}${suffix}`)
    const start = Math.floor(bytes.length * from)
    if (to === undefined) writeFileSync(`${path}${suffix}`, bytes.subarray(0, start))
    else writeFileSync(`${path}${suffix}`, bytes.fill(0, start, Math.floor(bytes.length * to)))
    let read: readonly { readonly y: string }[] = []
    try {
      const db = openSqlite(path, [TWO])
      try {
        read = db.prepare('SELECT y FROM b').all() as { y: string }[]
      } finally {
        db.close()
      }
    } catch (error) {
      expect(error).toMatchObject({ message: expect.stringMatching(/malformed|not a database|Move the file away/) })
    }
    for (const { y } of read) expect(['kept '.repeat(200), 'in the log']).toContain(y)
  })
})

describe('a file lock', () => {
  it('belongs to one at a time', () => {
    const lock = join(folder, 'lock')
    const first = takeFileLock(lock)
    expect(first).toBeDefined()
    expect(takeFileLock(lock)).toBeUndefined()
    first!.close()
    const second = takeFileLock(lock)
    expect(second).toBeDefined()
    second!.close()
  })

  it('is free again when its process was killed', async () => {
    const lock = join(folder, 'lock')
    await killedAfter(
      1,
      `import { takeFileLock } from ${JSON.stringify(BUILT)}
       globalThis.kept = takeFileLock(${JSON.stringify(lock)})
       console.log('taken')
       setInterval(() => {}, 1000)`,
    )
    const mine = takeFileLock(lock)
    expect(mine).toBeDefined()
    mine!.close()
  })
})

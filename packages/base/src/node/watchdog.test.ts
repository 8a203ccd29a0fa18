import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { builtFile } from './built-file.ts'

const BUILT = builtFile(import.meta.url, './watchdog.js').href

/** Runs a script with a watchdog in a process of its own; resolves with how that ended and what it wrote. */
async function run(script: string, { args = [] as readonly string[], logFile = '' } = {}) {
  const options = `{ limitMs: 1000, ${logFile && `logFile: ${JSON.stringify(logFile)}`} }`
  const source = `import { Watchdog } from ${JSON.stringify(BUILT)}
    const watchdog = new Watchdog(${options}, { log: console })
    await watchdog.start()
    const block = (ms) => { const end = performance.now() + ms; while (performance.now() < end); }
    ${script}`
  const child = spawn(process.execPath, [...args, '--input-type=module', '-e', source], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const written = text(child.stderr)
  const [code, signal] = await once(child, 'exit')
  return { code, signal, written: await written }
}

it('a process that stands still for good says so, and ends with SIGKILL', async () => {
  const { signal, written } = await run('block(60_000)')
  expect(signal).toBe('SIGKILL')
  expect(JSON.parse(written)).toMatchObject({
    level: 60,
    blockedMs: 1000,
    msg: expect.stringContaining('stands still'),
  })
})

it('its last line is in the file of the log where there is one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-watchdog-'))
  try {
    const logFile = join(folder, 'node.log')
    expect(await run('block(60_000)', { logFile })).toMatchObject({ signal: 'SIGKILL', written: '' })
    expect(readFileSync(logFile, 'utf8')).toContain('stands still')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

it('one that is only busy, or ends, is left alone', async () => {
  const busy = 'for (let i = 0; i < 8; i++) { block(300); await new Promise((resolve) => setTimeout(resolve, 20)) }'
  expect(await run(`${busy}; await watchdog.stop()`)).toEqual({ code: 0, signal: null, written: '' })
  expect(await run('')).toEqual({ code: 0, signal: null, written: '' })
})

it('one that is debugged is left alone', async () => {
  const { code, signal } = await run('block(3_000); process.exit(7)', { args: ['--inspect=127.0.0.1:0'] })
  expect({ code, signal }).toEqual({ code: 7, signal: null })
})

import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePortOffset } from '@millrace/devnet'
import { makeTestClip } from '@millrace/media/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const PROGRAM = join(ROOT, 'apps/cli/bin/millrace.js')
const pages = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]
const commands = [
  ...new Set(
    pages.flatMap((page) =>
      [...readFileSync(join(ROOT, page), 'utf8').matchAll(/`npx millrace ([^`]+)`/g)].map((m) => m[1] as string),
    ),
  ),
]

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-docs-'))
  writeFileSync(
    join(folder, 'film.mp4'),
    (await makeTestClip({ seconds: 4, width: 320, height: 180, fps: 30, seed: 5 })).mp4,
  )
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('the pages name commands to run', () => expect(commands.length).toBeGreaterThan(5))

it.each(commands)(
  'millrace %s',
  async (command) => {
    const offset = await freePortOffset()
    const own = ['--port-offset', String(offset), '--data-dir', join(folder, `data-${offset}`), '--seconds', '4']
    const args = command.split(' ')
    const more =
      args[0] === 'up' && !args.includes('--help')
        ? own
        : args[0] === 'transcode'
          ? ['--data-dir', join(folder, 'transcode')]
          : []
    const child = spawn(process.execPath, [PROGRAM, ...args, ...more], {
      cwd: folder,
      env: { ...process.env, HOME: folder },
    })
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors += chunk
    })
    child.stdout.resume()
    const code = await new Promise((resolve) => child.once('exit', resolve))
    // Where scripts read the figures, people are told beside them.
    expect({ code, errors: args[0] === 'bench' ? '' : errors }).toEqual({ code: 0, errors: '' })
  },
  60_000,
)

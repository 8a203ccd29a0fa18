import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@millrace/base/node'
import { afterAll, beforeAll, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const INSTALLED = '/opt/millrace/'
const FILE = join(ROOT, 'deploy', 'Containerfile')
const run = readFileSync(FILE, 'utf8').slice(readFileSync(FILE, 'utf8').lastIndexOf('\nFROM '))

let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'millrace-image-'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** What the last stage copies, put together in a folder; packages that npm leaves out with --omit=dev are not there. */
function putTogether(folder: string): void {
  for (const [, source = ''] of run.matchAll(/^COPY --from=\w+ \/opt\/millrace\/(\S+) \S+$/gm)) {
    if (source === 'node_modules') installInto(join(folder, source))
    else
      cpSync(join(ROOT, source), join(folder, source), {
        recursive: true,
        filter: (path) => !/\/(node_modules|src|test|out|cache)$/.test(path),
      })
  }
}

type Lock = { readonly packages: Readonly<Record<string, { dev?: boolean; link?: boolean; resolved?: string }>> }

function installInto(folder: string): void {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock
  for (const [path, { dev, link, resolved = '' }] of Object.entries(packages)) {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1]
    if (name === undefined || dev) continue
    const at = join(folder, name)
    mkdirSync(dirname(at), { recursive: true })
    symlinkSync(link ? join(dirname(folder), resolved) : join(ROOT, path), at)
  }
}

const program = (instruction: string) =>
  (JSON.parse(new RegExp(`^${instruction} .*?(\\[.*\\])$`, 'm').exec(run)![1]!) as string[])[1]!.replace(INSTALLED, '')

it('what the image holds starts a role by itself, with its data in the volume, and is found healthy', async () => {
  const image = join(home, 'image')
  putTogether(image)
  const data = join(home, 'volume')
  const cli = `127.0.0.1:${await freePort()}`
  const env = { PATH: process.env.PATH, HOME: data, MILLRACE_DATA_DIR: data, MILLRACE_CLI_ADDR: cli }
  const args = ['orchestrator', '-transcoder', '-serviceAddr', `127.0.0.1:${await freePort()}`]
  const node = spawn(process.execPath, [join(image, program('ENTRYPOINT')), ...args], { cwd: image, env })
  let said = ''
  node.stdout.on('data', (chunk) => (said += chunk))
  node.stderr.on('data', (chunk) => (said += chunk))
  const ended = new Promise<number | null>((resolve) => node.once('close', resolve))
  try {
    await expect.poll(() => said, { timeout: 20_000 }).toContain(' is up: ')
    const probe = spawnSync(process.execPath, [join(image, program('HEALTHCHECK'))], { encoding: 'utf8', env })
    expect(probe).toMatchObject({ status: 0, stdout: expect.stringContaining('"ok":true') })
    expect(said).toContain('media engine chosen')
  } finally {
    node.kill('SIGTERM')
  }
  expect(await ended).toBe(0)
}, 40_000)

const builder = ['podman', 'docker'].find((name) => spawnSync(name, ['info'], { timeout: 5_000 }).status === 0)
const wanted = process.env.MILLRACE_BUILD_IMAGE === '1'
if (!(builder && wanted))
  console.log(
    'NOT RUN: the build of the container image. To get it: podman or docker on the PATH and running, and MILLRACE_BUILD_IMAGE=1, because it downloads the packages',
  )

it.runIf(builder !== undefined && wanted)(
  'the image builds, and a container of it becomes healthy',
  async () => {
    const tag = `millrace-test-${process.pid}`
    const call = (...args: string[]) => spawnSync(builder!, args, { cwd: ROOT, encoding: 'utf8' })
    const format = builder === 'podman' ? ['--format', 'docker'] : []
    const built = call('build', ...format, '-f', 'deploy/Containerfile', '-t', tag, '.')
    expect({ status: built.status, err: built.stderr.slice(-2_000) }).toMatchObject({ status: 0 })
    const started = call('run', '--detach', '--init', tag, 'orchestrator', '-transcoder')
    const id = started.stdout.trim()
    try {
      const health = () => call('exec', id, 'node', '/opt/millrace/deploy/healthcheck.js').status
      await expect.poll(health, { timeout: 60_000, interval: 1_000 }).toBe(0)
    } finally {
      call('rm', '--force', id)
      call('rmi', '--force', tag)
    }
  },
  20 * 60_000,
)

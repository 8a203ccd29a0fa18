import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@millrace/base/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROLES, type Role } from './flags/flag.ts'
import { findFlag, flagNamed } from './flags/flag-table.ts'
import { parseArgs } from './flags/parse-args.ts'
import { readFlags } from './flags/read-flags.ts'
import { startRole } from './role-process.fixture.ts'
import { encodeJoinToken } from './roles/join-token.ts'
import { nodeConfigOf } from './roles/node-config.ts'
import { rolesOf } from './roles/roles-of.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const DEPLOY = join(ROOT, 'deploy')
const INSTALLED = '/opt/millrace/'
const read = (...path: string[]) => readFileSync(join(ROOT, ...path), 'utf8')

let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'millrace-deploy-'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0
if (!hasSystemd) console.log('NOT RUN: systemd-analyze verify of the units. To get it: apt-get install systemd')

/** The lines of a unit by name; a name may have several. */
const unitOf = (role: Role) => {
  const lines = read('deploy', 'systemd', `millrace-${role}.service`)
    .split('\n')
    .map((line) => /^(\w+)=(.*)$/.exec(line))
    .filter((match) => match !== null)
  return (name: string) => lines.filter(([, key]) => key === name).map(([, , value = '']) => value)
}

/** The words behind the program's name in ExecStart, with what systemd puts in. */
const wordsOf = (
  role: Role,
  folders: { readonly state: string; readonly credentials: string; readonly config: string },
) =>
  unitOf(role)('ExecStart')[0]!
    .replace(/\$\{STATE_DIRECTORY\}/g, folders.state)
    .replace(/\$\{CREDENTIALS_DIRECTORY\}/g, folders.credentials)
    .replaceAll('/etc/millrace', folders.config)
    .split(' ')
    .slice(2)

describe.each(ROLES)('the systemd unit of the %s', (role) => {
  it('starts this program, and names pages that are there', () => {
    const [node, program] = unitOf(role)('ExecStart')[0]!.split(' ')
    expect(node).toBe('/usr/bin/node')
    expect(program!.startsWith(INSTALLED) && existsSync(join(ROOT, program!.slice(INSTALLED.length)))).toBe(true)
    const page = unitOf(role)('Documentation')[0]!.replace(`file://${INSTALLED}`, '')
    expect(existsSync(join(ROOT, page))).toBe(true)
  })

  it('has a command line that makes a node with the sample file, its secret read from a credential', async () => {
    const folders = {
      state: join(home, role),
      credentials: join(home, `credentials-${role}`),
      config: join(DEPLOY, 'config'),
    }
    mkdirSync(folders.credentials)
    const [credential, source] = unitOf(role)('LoadCredential')[0]!.split(':')
    expect(source).toBe(`/etc/millrace/${credential}`)
    const secret =
      role === 'worker' ? encodeJoinToken({ uri: 'https://127.0.0.1:8935', secret: 'a word' }) : 'a password'
    writeFileSync(join(folders.credentials, credential!), `${secret}\n`)
    const [command, ...args] = wordsOf(role, folders)
    expect(command).toBe(role)
    for (const name of parseArgs(args).keys()) expect(flagNamed(name).standing).toBe('served')
    const flags = readFlags(args, {})
    const config = await nodeConfigOf(rolesOf(role, flags), flags, { data: folders.state, node: folders.state })
    expect(config[role]).toBeDefined()
    if (role === 'worker') expect(config.worker?.orchestrator).toMatchObject({ secret: 'a word' })
    else expect(config).toMatchObject({ keystorePassword: 'a password', network: { chainId: 42161 } })
  })

  it('comes back after a crash, and takes longer to stop than the node does', () => {
    const unit = unitOf(role)
    expect(unit('Restart')).toEqual(['on-failure'])
    expect(Number(unit('TimeoutStopSec')[0])).toBeGreaterThan(10)
    expect(unit('User')).toEqual(['millrace'])
  })

  it.runIf(hasSystemd)('is taken by systemd and gives little away', () => {
    // The program may lie elsewhere on the machine of the test.
    const unit = join(home, `millrace-${role}.service`)
    writeFileSync(
      unit,
      read('deploy', 'systemd', `millrace-${role}.service`).replace('/usr/bin/node', process.execPath),
    )
    const verified = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' })
    expect({
      status: verified.status,
      said: verified.stderr.includes(`millrace-${role}`) ? verified.stderr : '',
    }).toEqual({ status: 0, said: '' })
    const exposure = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=20', unit], {
      encoding: 'utf8',
    })
    expect({ status: exposure.status, said: exposure.stdout.split('\n').at(-2) }).toMatchObject({ status: 0 })
  })
})

it('every role has a unit and a sample file', () => {
  const names = (folder: string) => readdirSync(join(DEPLOY, folder))
  expect(names('config')).toEqual(expect.arrayContaining(ROLES.map((role) => `${role}.toml`)))
  expect(names('systemd')).toEqual(expect.arrayContaining(ROLES.map((role) => `millrace-${role}.service`)))
})

describe('the Containerfile', () => {
  const text = read('deploy', 'Containerfile')
  const instructions = text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => /^(\w+)\s+(.*)$/.exec(line)!)
    .map(([, name = '', rest = '']) => ({ name, rest }))
  const all = (name: string) => instructions.filter((i) => i.name === name).map(({ rest }) => rest)
  const last = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'))
  const lastOf = (name: string) => last.filter((i) => i.name === name).map(({ rest }) => rest)
  const copies = lastOf('COPY').map((rest) => /^--from=(\w+) \/opt\/millrace\/(\S+) (\S+)$/.exec(rest)!)
  const stages = all('FROM').map((rest) => / AS (\S+)$/.exec(rest)?.[1])

  it('copies only what is there, from stages that are there, to where it was', () => {
    for (const [, stage, source = '', target] of copies) {
      expect(stages).toContain(stage)
      expect(existsSync(join(ROOT, source))).toBe(true)
      expect(target).toBe(source)
    }
    expect(copies.length).toBeGreaterThan(4)
  })

  it('starts and probes programs that it has copied', () => {
    const programs = [...lastOf('ENTRYPOINT'), ...lastOf('HEALTHCHECK')].map(
      (rest) => (JSON.parse(rest.slice(rest.indexOf('['))) as string[])[1]!,
    )
    expect(programs).toHaveLength(2)
    for (const program of programs) {
      const path = program.replace(INSTALLED, '')
      expect(existsSync(join(ROOT, path))).toBe(true)
      expect(copies.some(([, , source = '']) => path === source || path.startsWith(`${source}/`))).toBe(true)
    }
  })

  it('has both kinds of FFmpeg as stages, and the one with the name by default exists', () => {
    expect(all('ARG')).toContain('FFMPEG=node-av')
    expect(stages).toEqual(expect.arrayContaining(['ffmpeg-node-av', 'ffmpeg-debian']))
    expect(all('FROM').at(-1)).toBe(`ffmpeg-\${FFMPEG} AS run`)
  })

  it('runs as a user of its own, with its data in the volume, by a flag that is there', () => {
    expect(Number(lastOf('USER').at(-1))).toBeGreaterThan(0)
    const environment = lastOf('ENV').flatMap((rest) =>
      rest.split(' ').map((pair) => pair.split('=') as [string, string]),
    )
    const ours = environment.filter(([name]) => name.startsWith('MILLRACE_'))
    expect(ours.map(([name, value]) => [findFlag(name.slice('MILLRACE_'.length))?.name, value])).toEqual([
      ['dataDir', lastOf('VOLUME')[0]],
    ])
  })

  it('builds from a context without what was built or installed outside', () => {
    expect(read('.dockerignore').split('\n')).toEqual(expect.arrayContaining(['**/node_modules', '**/dist', '.git']))
  })
})

describe('the page of deployment', () => {
  const lines = ['deploy', 'doctor'].flatMap((page) =>
    [...read('docs', 'operating', `${page}.md`).matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = '']) =>
      block.trim().split('\n'),
    ),
  )

  it('names only files of this repository', () => {
    const named = lines.flatMap((line) => [...line.matchAll(/\bdeploy\/[\w./-]+/g)].map(([path]) => path))
    expect(named.length).toBeGreaterThanOrEqual(3)
    for (const path of named) expect(existsSync(join(ROOT, path))).toBe(true)
  })

  it('gives flags that are there', () => {
    const roleLines = lines.flatMap((line) => / millrace (?:doctor )?(\w+) (-.*)$/.exec(line) ?? []).length
    expect(roleLines).toBeGreaterThan(0)
    for (const line of lines) {
      const [, words] = /(?:millrace doctor orchestrator|millrace orchestrator|millrace doctor) (-.*)$/.exec(line) ?? []
      if (words === undefined) continue
      for (const name of parseArgs(words.split(' ')).keys()) expect(flagNamed(name).standing).toBe('served')
    }
  })
})

it('the health check of the container passes while a real node is well, and fails when it is gone', async () => {
  const [service, cli] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
  const check = () =>
    spawnSync(process.execPath, [join(DEPLOY, 'healthcheck.js')], { encoding: 'utf8', env: { MILLRACE_CLI_ADDR: cli } })
  const role = await startRole(home, ['orchestrator', '-serviceAddr', service, '-cliAddr', cli])
  expect(check()).toMatchObject({ status: 0, stdout: expect.stringContaining('"ok":true') })
  await role.stop()
  expect(check()).toMatchObject({ status: 1, stdout: 'no node answers\n' })
}, 30_000)

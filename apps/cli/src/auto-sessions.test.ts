import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@millrace/base/node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type RoleProcess, runToEnd, startRole } from './role-process.fixture.ts'

let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'millrace-auto-'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const at = async () => `127.0.0.1:${await freePort()}`
const sessionsOf = (role: RoleProcess) => Number(/, (\d+) sessions? at once/.exec(role.out())?.[1])

it('an orchestrator that transcodes measures itself, and takes so many sessions', async () => {
  // Few sessions of this fit into any machine, so that measuring is soon done.
  const heavy = ['-preset', 'slow', '-transcodingOptions', 'P720p30fps16x9']
  const args = ['orchestrator', '-transcoder', '-maxSessions', 'auto', ...heavy, '-serviceAddr', await at()]
  const first = await startRole(home, [...args, '-cliAddr', await at()])
  const sessions = sessionsOf(first)
  const operator = /operator (http:\S+)/.exec(first.out())?.[1]
  expect(await (await fetch(`${operator}/status`)).json()).toMatchObject({
    RegisteredTranscoders: [{ Capacity: sessions }],
  })
  const { port } = new URL(operator!)
  const told = await runToEnd(home, ['workers', '--http', port])
  expect(told.out).toMatch(new RegExp(`^worker: 0 of ${sessions} sessions, there for \\d+ s\\n$`))
  expect((await first.stop()).code).toBe(0)
  expect(first.log()).toContain('"msg":"sessions at once, as measured"')
  expect(sessions).toBeGreaterThanOrEqual(1)
}, 60_000)

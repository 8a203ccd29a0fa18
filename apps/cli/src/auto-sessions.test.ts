import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@millrace/base/node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runToEnd, spawnRole, startRole } from './role-process.fixture.ts'
import { encodeJoinToken } from './roles/join-token.ts'

let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'millrace-auto-'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const at = async () => `127.0.0.1:${await freePort()}`

it('a worker measures its machine and its link, and its orchestrator takes so many sessions', async () => {
  const [service, cli] = [await at(), await at()]
  const secret = 'between us'
  const orchestrator = await startRole(home, [
    ...['orchestrator', '-maxSessions', 'auto', '-serviceAddr', service, '-orchSecret', secret, '-cliAddr', cli],
  ])
  const worker = spawnRole(home, [
    ...['worker', '-maxSessions', 'auto', '-join', encodeJoinToken({ uri: `https://${service}`, secret })],
    // Few sessions of this fit into any machine, so that measuring is soon done.
    ...['-preset', 'slow', '-transcodingOptions', 'P720p30fps16x9', '-cliAddr', await at()],
  ])
  // Longer than another role may take, since it measures.
  await expect.poll(() => worker.out(), { timeout: 60_000 }).toContain(' is up: ')
  const sessions = Number(/, (\d+) sessions? at once/.exec(worker.out())?.[1])
  expect(sessions).toBeGreaterThanOrEqual(1)
  expect(worker.log()).toContain('"msg":"sessions at once, as measured"')
  expect(worker.log()).toMatch(
    /"upMbps":[\d.]+,"downMbps":[\d.]+,"msg":"sessions that the link to the orchestrator carries, as measured"/,
  )
  await orchestrator.logged('a worker joined')
  expect(await (await fetch(`http://${cli}/debug`)).json()).toMatchObject({ maxSessions: sessions })
  expect(await (await fetch(`http://${cli}/status`)).json()).toMatchObject({
    RegisteredTranscoders: [{ Address: '127.0.0.1', Capacity: sessions }],
  })
  const told = await runToEnd(home, ['workers', '--http', cli.split(':')[1]!])
  expect(told.out).toMatch(
    new RegExp(`^remote-worker-1 at 127\\.0\\.0\\.1: 0 of ${sessions} sessions, there for \\d+ s\\n$`),
  )
  expect((await worker.stop()).code).toBe(0)
  expect((await orchestrator.stop()).code).toBe(0)
}, 90_000)

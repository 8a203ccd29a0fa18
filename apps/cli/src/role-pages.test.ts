import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROLES, type Role } from './flags/flag.ts'
import { FLAGS } from './flags/flag-table.ts'
import { flagTable, helpText } from './flags/help.ts'
import { readFlags } from './flags/read-flags.ts'
import { commandsOf, rolePage } from './role-pages.fixture.ts'
import { encodeJoinToken } from './roles/join-token.ts'
import { nodeConfigOf } from './roles/node-config.ts'
import { rolesOf } from './roles/roles-of.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-pages-'))
  writeFileSync(join(folder, 'token'), encodeJoinToken({ uri: 'https://127.0.0.1:8935', secret: 's' }))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(ROLES)('the page of the %s', (role) => {
  it('has the table of its flags as the program has it (apps/cli/scripts/flag-tables.js writes it)', () => {
    expect(rolePage(role).endsWith(`\n\n${flagTable(role)}\n`)).toBe(true)
  })

  // Those without a chain are also started, by roles.test.ts.
  it('gives command lines that describe a node', async () => {
    const lines = commandsOf(role).filter(([program]) => program !== 'curl')
    expect(lines.length).toBeGreaterThan(0)
    for (const words of lines) {
      const own = ROLES.find((name) => name === words[0])
      const flags = readFlags(
        words.slice(own ? 1 : 0).map((word) => (word === 'TOKEN' ? join(folder, 'token') : word)),
        {},
      )
      const roles = rolesOf(own, flags)
      expect(roles).toContain(role)
      const config = await nodeConfigOf(roles, flags, { data: folder, node: folder })
      expect(config[role as Role]).toBeDefined()
    }
  })
})

describe('the help', () => {
  it('of all roles names every flag, with what is not served', () => {
    const text = helpText(ROLES)
    for (const { name } of FLAGS) expect(text).toContain(`  -${name}`)
    expect(text).toMatch(/-nvidia text\n.*\[not served yet\]/)
  })

  it('of a role names its own flags only', () => {
    expect(helpText(['worker'])).not.toContain('-rtmpAddr')
  })
})

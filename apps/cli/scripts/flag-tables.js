// Writes the tables of flags in docs/roles anew from the table in the code; run it after a build.
import { readFileSync, writeFileSync } from 'node:fs'
import { ROLES } from '../dist/flags/flag.js'
import { flagTable } from '../dist/flags/help.js'

for (const role of ROLES) {
  const page = new URL(`../../../docs/roles/${role}.md`, import.meta.url)
  const text = readFileSync(page, 'utf8')
  writeFileSync(page, `${text.slice(0, text.indexOf('\n| flag |') + 1) || `${text.trimEnd()}\n\n`}${flagTable(role)}\n`)
}

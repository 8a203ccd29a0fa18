// Writes the tables of docs/ai.md and docs/live-effects.md anew from the pipelines, the embedded models and the effects; run it after a build.
import { readFileSync, writeFileSync } from 'node:fs'
import { livePageTables } from '../dist/live/live-page-tables.js'
import { CATALOG } from '../dist/models/catalog.js'
import { pageTables, withTables } from '../dist/pipelines/page-tables.js'
import { PIPELINES } from '../dist/pipelines/registry.js'

const tables = pageTables(
  PIPELINES,
  CATALOG.map(({ card }) => card),
)
for (const [name, made] of [
  ['ai', tables],
  ['live-effects', livePageTables()],
]) {
  const page = new URL(`../../../docs/${name}.md`, import.meta.url)
  writeFileSync(page, withTables(readFileSync(page, 'utf8'), made))
}

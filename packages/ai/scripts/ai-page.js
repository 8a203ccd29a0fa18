// Writes the tables of docs/ai.md anew from the pipelines and the embedded models; run it after a build.
import { readFileSync, writeFileSync } from 'node:fs'
import { CATALOG } from '../dist/models/catalog.js'
import { pageTables, withTables } from '../dist/pipelines/page-tables.js'
import { PIPELINES } from '../dist/pipelines/registry.js'

const page = new URL('../../../docs/ai.md', import.meta.url)
const tables = pageTables(
  PIPELINES,
  CATALOG.map(({ card }) => card),
)
writeFileSync(page, withTables(readFileSync(page, 'utf8'), tables))

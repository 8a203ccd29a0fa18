import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { withTables } from '../pipelines/page-tables.ts'
import { livePageTables } from './live-page-tables.ts'

it('docs/live-effects.md has the tables of the code: run node packages/ai/scripts/ai-page.js after a build', async () => {
  const page = await readFile(fileURLToPath(new URL('../../../../docs/live-effects.md', import.meta.url)), 'utf8')
  expect(page).toBe(withTables(page, livePageTables()))
})

import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { openDoors } from './doors.ts'
import { compatibilityPage } from './page.ts'

const PAGE = 'docs/compatibility.md'

it('docs/compatibility.md says what a running node answers; npm run compatibility writes it anew', async () => {
  await using doors = await openDoors()
  const page = await compatibilityPage(doors)
  if (process.env.MILLRACE_WRITE_COMPATIBILITY) writeFileSync(PAGE, page)
  expect(readFileSync(PAGE, 'utf8')).toBe(page)
}, 30_000)

import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

// Left to right: a package imports only what stands left of it (docs/architecture.md, "Who may import whom").
const ORDER = ['base', 'wire', 'contracts', 'chain', 'payments', 'media', 'ai', 'node', 'devnet', 'cli', 'web']
const NEVER = [
  ['payments', 'chain'],
  ['payments', 'contracts'],
  ['media', 'chain'],
  ['media', 'payments'],
  ['media', 'contracts'],
  ['contracts', 'base'],
  ['contracts', 'wire'],
]

it.each(ORDER)('%s imports only packages that stand left of it', (name) => {
  const folder =
    name === 'contracts' ? 'contracts/ts' : `${['cli', 'web'].includes(name) ? 'apps' : 'packages'}/${name}/src`
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file))
  const files = all.filter((file) => !/\.test\.|\.suite\.|testing/.test(file)).map((file) => `${folder}/${file}`)
  expect(files.length).toBeGreaterThan(0)
  const imported = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/from '@millrace\/([a-z]+)/g)].map((m) => `${m[1]} (${file})`),
  )
  const allowed = ORDER.slice(0, ORDER.indexOf(name)).filter(
    (other) => !NEVER.some(([a, b]) => a === name && b === other),
  )
  expect(imported.filter((use) => !allowed.includes(use.split(' ')[0] as string))).toEqual([])
})

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What is imported at once, and what is imported by a call of `import()`; types alone are gone when a file runs. */
export type Imports = { readonly atOnce: readonly string[]; readonly later: readonly string[] }

/** What a source file needs when it runs. */
export function importsOf(file: string): Imports {
  const source = readFileSync(file, 'utf8')
  const statements = source.matchAll(/^(?:import|export)\s(?!type\s)[^'"]*?from\s+['"]([^'"]+)['"]/gm)
  const bare = source.matchAll(/^import\s+['"]([^'"]+)['"]/gm)
  const later = source.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)
  const names = (found: Iterable<RegExpMatchArray>): string[] => [...found].map((match) => match[1] as string)
  return { atOnce: [...names(statements), ...names(bare)], later: names(later) }
}

/** Every source file that an entry reaches, with what it imports; `later` follows calls of `import()` too. */
export function reachedFrom(entry: string, { later = false } = {}): ReadonlyMap<string, readonly string[]> {
  const seen = new Map<string, readonly string[]>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    const imports = importsOf(file)
    const imported = later ? [...imports.atOnce, ...imports.later] : imports.atOnce
    seen.set(file, imported)
    for (const name of imported) {
      const next = name.startsWith('.') ? join(dirname(file), name) : sourceOf(name)
      if (next?.endsWith('.ts')) visit(next)
    }
  }
  visit(entry)
  return seen
}

/** The source behind an import of one of our packages, as its package.json names it. */
function sourceOf(name: string): string | undefined {
  const [, own, sub] = /^@millrace\/([a-z]+)(?:\/(.+))?$/.exec(name) ?? []
  if (own === undefined) return undefined
  const folder = own === 'contracts' ? 'contracts' : `packages/${own}`
  const { exports } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
  const target = exports[sub === undefined ? '.' : `./${sub}`]?.['millrace-source']
  if (target === undefined) throw new Error(`${folder}/package.json exports no ${name}`)
  return join(folder, target)
}

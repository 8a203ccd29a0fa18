/**
 * The URL of a compiled module that runs in a process or thread of its own.
 * Tests run from `src/`, where a new process could not load TypeScript: there the compiled twin in `dist/` is meant.
 */
export function builtFile(importMetaUrl: string, relative: string): URL {
  const base = importMetaUrl.endsWith('.ts')
    ? importMetaUrl.replace(/\/(src|ts)\/(?!.*\/(src|ts)\/)/, '/dist/')
    : importMetaUrl
  return new URL(relative, base)
}

import { readFileSync } from 'node:fs'

type Fact = { readonly id: string; readonly input: unknown; readonly expected: unknown }

const { vectors } = JSON.parse(readFileSync(new URL('../../wire/fixtures/network.json', import.meta.url), 'utf8')) as {
  vectors: readonly Fact[]
}

/** A golden fact of the network by its id; the caller says what shape it has. */
export function fact<Input, Expected>(id: string): { readonly input: Input; readonly expected: Expected } {
  const found = vectors.find((vector) => vector.id === id)
  if (!found) throw new Error(`fixtures/network.json has no fact ${id}`)
  return found as { input: Input; expected: Expected } & Fact
}

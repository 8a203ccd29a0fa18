import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Role } from './flags/flag.ts'

/** The text of a role's page. */
export const rolePage = (role: Role): string =>
  readFileSync(fileURLToPath(new URL(`../../../docs/roles/${role}.md`, import.meta.url)), 'utf8')

/** The command lines that a page gives to type, of `npx millrace` without these words, or of another program with its name. */
export const commandsOf = (role: Role): readonly (readonly string[])[] =>
  [...rolePage(role).matchAll(/```sh\n(.*?)```/gs)]
    .flatMap(([, block = '']) => block.trim().split('\n'))
    .filter((line) => !line.startsWith('npm '))
    .map((line) => line.replace(/^npx millrace /, '').replaceAll("'", '"'))
    .map((line) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([word, quoted]) => quoted ?? word))

/** The one command of a page that has all these words. */
export function command(role: Role, ...words: readonly string[]): readonly string[] {
  const found = commandsOf(role).filter((line) => words.every((word) => line.includes(word)))
  if (found.length !== 1)
    throw new Error(`the page of the ${role} has ${found.length} commands with ${words.join(' ')}`)
  return found[0]!
}

import type { ModelCard } from '../models/embedded-model.ts'
import type { Pipeline } from './pipeline.ts'

/** The tables of docs/ai.md. */
export function pageTables(pipelines: readonly Pipeline[], cards: readonly ModelCard[]): readonly string[] {
  return [
    table(
      ['pipeline', 'what it does', 'body', 'files', 'priced by', 'capability'],
      pipelines.map(({ name, about, body, files, unit, capability }) => [
        ...[
          `\`${name}\``,
          about,
          body === 'json' ? 'JSON' : 'form',
          files.map((file) => `\`${file.name}\``).join(', '),
        ],
        ...[unit, String(capability)],
      ]),
    ),
    table(
      ['model', 'pipeline', 'what it is', 'measured', 'licence', 'fetched'],
      cards.map(({ id, pipeline, about, score, licence, downloadBytes }) => [
        ...[`\`${id}\``, `\`${pipeline}\``, about, score, licence],
        downloadBytes === 0 ? 'nothing' : `${(downloadBytes / 1e6).toFixed(downloadBytes < 1e7 ? 1 : 0)} MB`,
      ]),
    ),
  ]
}

/** A page with each table in the place of the one with the same heads; throws where there is none. */
export function withTables(page: string, tables: readonly string[]): string {
  return tables.reduce((text, made) => {
    const head = made.slice(0, made.indexOf('\n'))
    const from = text.indexOf(head)
    if (from < 0) throw new Error(`the page has no table with the heads ${head}`)
    const end = text.indexOf('\n\n', from)
    return text.slice(0, from) + made + (end < 0 ? '\n' : text.slice(end))
  }, page)
}

export const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

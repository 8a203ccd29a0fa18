import { table } from '../pipelines/page-tables.ts'
import { LIVE_CATALOG } from './live-catalog.ts'
import { liveParamsSchema } from './live-params.ts'

type Property = {
  readonly default?: unknown
  readonly description?: string
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
}

/** The tables of docs/live-effects.md. */
export function livePageTables(): readonly string[] {
  return [
    table(
      ['effect', 'what it is', 'measured', 'licence', 'fetched'],
      LIVE_CATALOG.map(({ card: { id, about, score, licence, downloadBytes } }) => [
        ...[`\`${id}\``, about, score, licence],
        downloadBytes === 0 ? 'nothing' : `${(downloadBytes / 1e6).toFixed(0)} MB`,
      ]),
    ),
    table(
      ['parameter', 'of', 'meaning', 'values', 'default'],
      LIVE_CATALOG.flatMap(({ card }, i) =>
        Object.entries(liveParamsSchema(card).properties as Readonly<Record<string, Property>>)
          // Every effect has the size, which is told once.
          .filter(([name]) => i === 0 || !['width', 'height'].includes(name))
          .map(([name, property]) => [
            ...[`\`${name}\``, ['width', 'height'].includes(name) ? 'all' : `\`${card.id}\``],
            ...[property.description ?? '', valuesOf(property), `\`${String(property.default)}\``],
          ]),
      ),
    ),
  ]
}

const valuesOf = ({ enum: words, minimum, maximum }: Property): string =>
  words ? words.map((word) => `\`${word}\``).join(', ') : minimum === undefined ? 'text' : `${minimum} to ${maximum}`

import type { Finding, Verdict } from './finding.ts'

const MARK: Readonly<Record<Verdict, string>> = { ok: 'ok', warning: 'warning', failed: 'FAILED', not_run: 'not run' }
const COLOUR: Readonly<Record<Verdict, number>> = { ok: 32, warning: 33, failed: 31, not_run: 90 }
const ESCAPE = String.fromCharCode(27)

/** The findings as a table for people: verdict, check, what was found, and below it what to do. */
export function renderFindings(
  findings: readonly Finding[],
  options: { readonly colour: boolean; readonly width: number },
): readonly string[] {
  const nameWidth = Math.max(5, ...findings.map(({ check }) => check.length))
  const indent = 'warning'.length + nameWidth + 4
  const textWidth = Math.max(30, options.width - indent)
  const rows = findings.flatMap(({ verdict, check, found, advice }) => {
    const mark = MARK[verdict].padEnd('warning'.length)
    const shown = options.colour ? `${ESCAPE}[${COLOUR[verdict]}m${mark}${ESCAPE}[0m` : mark
    const [first = '', ...rest] = wrap(found, textWidth)
    const advised = advice === undefined ? [] : wrap(`→ ${advice}`, textWidth)
    return [
      `${shown}  ${check.padEnd(nameWidth)}  ${first}`,
      ...[...rest, ...advised].map((l) => ' '.repeat(indent) + l),
    ]
  })
  return [...rows, '', summary(findings)]
}

const ORDER = ['ok', 'warning', 'failed', 'not_run'] as const

function summary(findings: readonly Finding[]): string {
  const counts = ORDER.map((verdict) => [findings.filter((f) => f.verdict === verdict).length, verdict] as const)
  return counts
    .filter(([count]) => count > 0)
    .map(
      ([count, verdict]) => `${count} ${verdict === 'warning' && count > 1 ? 'warnings' : MARK[verdict].toLowerCase()}`,
    )
    .join(', ')
}

/** Lines of words; what peers and files say may hold anything, so control characters are left out. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.replace(/\p{C}+/gu, ' ').split(/\s+/)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

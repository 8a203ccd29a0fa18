/** How many words must be replaced, left out or put in to make `heard` of `said`: the numerator of the word error rate. */
export function wordErrors(said: readonly string[], heard: readonly string[]): number {
  let row = heard.map((_, i) => i + 1)
  row.unshift(0)
  for (const [i, word] of said.entries()) {
    const next = [i + 1]
    for (const [j, other] of heard.entries())
      next.push(
        Math.min((row[j] as number) + (word === other ? 0 : 1), (row[j + 1] as number) + 1, (next[j] as number) + 1),
      )
    row = next
  }
  return row.at(-1) as number
}

export const wordsOf = (text: string): string[] => text.toLowerCase().match(/[a-z']+/g) ?? []

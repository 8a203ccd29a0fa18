/** Signs that the voices do not know, as those they do. */
const SIGNS: Readonly<Record<string, string>> = {
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '–': ', ',
  '—': ', ',
  '…': '...',
  '€': ' euros ',
  '£': ' pounds ',
  ß: 'ss',
  æ: 'ae',
  ø: 'o',
  œ: 'oe',
}

/** A text as the voices read it: ASCII, without marks over letters and without control characters; what else there is is left out. */
export function speakable(text: string): string {
  return [...text]
    .map((sign) => SIGNS[sign] ?? sign)
    .join('')
    .normalize('NFKD')
    .replace(/\s+/g, ' ')
    .replace(/[^\x20-\x7e]/g, '')
    .trim()
}

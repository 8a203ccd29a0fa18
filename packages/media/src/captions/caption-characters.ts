/** Where the characters of CEA-608 are not those of ASCII. */
const BASIC: Readonly<Record<number, string>> = {
  42: 'á',
  92: 'é',
  94: 'í',
  95: 'ó',
  96: 'ú',
  123: 'ç',
  124: '÷',
  125: 'Ñ',
  126: 'ñ',
  127: '█',
}
const SPECIAL = [...'®°½¿™¢£♪à èâêîôû']
/** French and Spanish, then Portuguese, German and Danish. */
const EXTENDED = [[...'ÁÉÓÚÜü‘¡*’—©℠•“”ÀÂÇÈÊËëÎÏïÔÙùÛ«»'], [...'ÃãÍÌìÒòÕõ{}\\^_|~ÄäÖöß¥¤│ÅåØø┌┐└┘']] as const

export const basicCharacter = (code: number): string => BASIC[code] ?? String.fromCharCode(code)
export const specialCharacter = (code: number): string => SPECIAL[code - 0x30] ?? ' '
export const extendedCharacter = (set: 0 | 1, code: number): string => EXTENDED[set][code - 0x20] ?? ' '

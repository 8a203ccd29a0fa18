/** A rectangle of the 32 by 32 cells that a picture is divided into; all borders belong to it. */
export type Rect = readonly [left: number, top: number, right: number, bottom: number]

/** One number of a frame signature: the mean of `plus`, less the mean of `minus` or, where that is missing, less mid-grey. */
export type Element = { readonly plus: readonly Rect[]; readonly minus?: readonly Rect[] }

/** Elements that share one threshold. */
export type Category = { readonly name: string; readonly elements: readonly Element[] }

const square = (x: number, y: number, side: number): Rect => [x, y, x + side - 1, y + side - 1]

/** Places in reading order. */
const grid = (xs: readonly number[], ys: readonly number[] = xs): (readonly [number, number])[] =>
  ys.flatMap((y) => xs.map((x) => [x, y] as const))

/** Places of squares of this side in Z order: quarter by quarter, each again so. */
function zOrder(size: number, side: number, x = 0, y = 0): (readonly [number, number])[] {
  if (size === side) return [[x, y]]
  const half = size / 2
  return grid([0, half]).flatMap(([dx, dy]) => zOrder(half, side, x + dx, y + dy))
}

/** A square's half less its other half; the letter says which comes first: left, right, top or bottom. */
function halves(letter: string, x: number, y: number, side: number): Element {
  const half = side / 2
  const [l, r, t, b]: Rect[] = [
    [x, y, x + half - 1, y + side - 1],
    [x + half, y, x + side - 1, y + side - 1],
    [x, y, x + side - 1, y + half - 1],
    [x, y + half, x + side - 1, y + side - 1],
  ]
  const pairs: Record<string, readonly [Rect, Rect]> = { L: [l!, r!], R: [r!, l!], T: [t!, b!], B: [b!, t!] }
  const [plus, minus] = pairs[letter]!
  return { plus: [plus], minus: [minus] }
}

const halvesAt = (places: readonly (readonly [number, number])[], letters: string, side: number): Element[] =>
  places.map(([x, y], i) => halves(letters[i % letters.length]!, x, y, side))

/** The four squares of a block of eight in Z order. */
const fours = (blocks: readonly (readonly [number, number])[]) => blocks.flatMap(([x, y]) => zOrder(8, 4, x, y))

/** What surrounds a hole, less the hole. */
function ring([x, y]: readonly [number, number], side: number, hole: number): Element {
  const edge = (side - hole) / 2
  const far = edge + hole
  return {
    plus: [
      [x, y, x + side - 1, y + edge - 1],
      [x, y + edge, x + edge - 1, y + far - 1],
      [x + far, y + edge, x + side - 1, y + far - 1],
      [x, y + far, x + side - 1, y + side - 1],
    ],
    minus: [square(x + edge, y + edge, hole)],
  }
}

const checkers = ([x, y]: readonly [number, number]): Element => ({
  plus: [square(x, y, 4), square(x + 4, y + 4, 4)],
  minus: [square(x + 4, y, 4), square(x, y + 4, 4)],
})

function pairsOf(squares: readonly Rect[]): Element[] {
  return squares.flatMap((a, i) => squares.slice(i + 1).map((b) => ({ plus: [a], minus: [b] })))
}

/** Pairs of the 25 squares of side 6: column and row of the first, column and row of the second. */
const FAR_PAIRS =
  '1232 2123 1133 3113 2132 3223 2312 1221 1131 3133 3313 1311 2220 2242 2224 2202 2024 0242 1030 1434 0103 4143 1001 3041 4334 0314 0040 4044 4404 0400'

function farPair(digits: string): Element {
  const [ax, ay, bx, by] = [...digits].map((digit) => 1 + 6 * Number(digit)) as [number, number, number, number]
  return { plus: [square(ax, ay, 6)], minus: [square(bx, by, 6)] }
}

const bars = ([x, y]: readonly [number, number]): Element => ({
  plus: [[x, y + 2, x + 9, y + 7]],
  minus: [[x + 2, y, x + 7, y + 9]],
})

function lines([x, y]: readonly [number, number]): Element[] {
  const middle = square(x + 4, y + 4, 4)
  return [
    { plus: [square(x, y + 4, 4), square(x + 8, y + 4, 4)], minus: [middle] },
    { plus: [square(x + 4, y, 4), square(x + 4, y + 8, 4)], minus: [middle] },
  ]
}

const quadrants = (letters: readonly string[]) => letters.join('')

/** The 380 elements of ISO/IEC 15938-3 Amd 4 in their order: 32 averages, 348 differences. */
export const CATEGORIES: readonly Category[] = [
  {
    name: 'A1',
    elements: [
      ...zOrder(32, 8).map(([x, y]) => ({ plus: [square(x, y, 8)] })),
      ...zOrder(32, 16).map(([x, y]) => ({ plus: [square(x, y, 16)] })),
    ],
  },
  {
    name: 'A2',
    elements: [
      ...grid([2, 12, 22]).map(([x, y]) => ({ plus: [square(x, y, 8)] })),
      ...[square(9, 9, 14), square(6, 6, 20), square(3, 3, 26)].map((rect) => ({ plus: [rect] })),
    ],
  },
  {
    name: 'D1',
    elements: [
      ...halvesAt(zOrder(32, 4), quadrants(['LTBR', 'TRLB', 'TRLB', 'LTBR'].map((four) => four.repeat(4))), 4),
      ...halvesAt(fours(grid([2, 12, 22])), quadrants(['LTBR'.repeat(4), 'TTBB', 'LTBR'.repeat(4)]), 4),
      ...halvesAt(fours(grid([7, 17])), 'TLLT', 4),
    ],
  },
  { name: 'D2', elements: [...grid([0, 8, 16, 24]), ...grid([4, 12, 20])].map(checkers) },
  { name: 'D3', elements: pairsOf(grid([1, 11, 21]).map(([x, y]) => square(x, y, 10))) },
  { name: 'D4', elements: FAR_PAIRS.split(' ').map(farPair) },
  {
    name: 'D5',
    elements: [
      ...[
        ...grid([1, 11, 21]),
        ...grid([6, 16]),
        ...[1, 6, 11, 16, 21].flatMap((y) => grid(y % 10 === 1 ? [6, 16] : [1, 11, 21], [y])),
      ].map((place) => ring(place, 10, 4)),
      ...grid([2, 7, 12, 17]).map((place) => ring(place, 13, 3)),
      ...[...grid([8, 13, 18], [3]), ...grid([3, 8, 13, 18, 23], [8, 13, 18]), ...grid([8, 13, 18], [23])].map(
        (place) => ring(place, 6, 2),
      ),
    ],
  },
  { name: 'D6', elements: grid([3, 11, 19]).map(bars) },
  { name: 'D7', elements: grid([0, 5, 10, 15, 20]).flatMap(lines) },
  {
    name: 'D8',
    elements: [
      ...halvesAt(zOrder(32, 8), quadrants(['TLLT', 'LTTL', 'LTTL', 'TLLT']), 8),
      ...halvesAt(zOrder(32, 16), 'LTTL', 16),
    ],
  },
]

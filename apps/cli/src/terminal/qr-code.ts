/** Sizes of the symbols at the lowest level of correction (ISO/IEC 18004): bytes of data and of correction in a block, and blocks. */
const VERSIONS = [
  { data: 19, check: 7, blocks: 1, at: [] },
  { data: 34, check: 10, blocks: 1, at: [6, 18] },
  { data: 55, check: 15, blocks: 1, at: [6, 22] },
  { data: 80, check: 20, blocks: 1, at: [6, 26] },
  { data: 108, check: 26, blocks: 1, at: [6, 30] },
  { data: 68, check: 18, blocks: 2, at: [6, 34] },
  { data: 78, check: 20, blocks: 2, at: [6, 22, 38] },
  { data: 97, check: 24, blocks: 2, at: [6, 24, 42] },
  { data: 116, check: 30, blocks: 2, at: [6, 26, 46] },
] as const
const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
]
const QUIET = 4

/** The text as a QR code: rows of modules, true for dark ones. Undefined for more than 230 bytes. */
export function qrCode(text: string): boolean[][] | undefined {
  const bytes = Buffer.from(text)
  const number = VERSIONS.findIndex(({ data, blocks }) => data * blocks >= bytes.length + 2)
  if (number < 0) return undefined
  const codewords = withCorrection(bytes, number)
  const drawn = MASKS.map((_, mask) => draw(number, codewords, mask))
  return drawn.reduce((best, one) => (unevenness(one) < unevenness(best) ? one : best))
}

/** The code for a terminal, two modules a character, dark on light whatever its colours; undefined where it does not fit. */
export function qrText(text: string, columns = 80): string | undefined {
  const modules = qrCode(text)
  if (!modules || modules.length + 2 * QUIET > columns) return undefined
  const dark = (x: number, y: number) => modules[y]?.[x] === true
  const lines: string[] = []
  for (let y = -QUIET; y < modules.length + QUIET; y += 2) {
    let line = ''
    for (let x = -QUIET; x < modules.length + QUIET; x++)
      line += dark(x, y) ? (dark(x, y + 1) ? '█' : '▀') : dark(x, y + 1) ? '▄' : ' '
    lines.push(`\u001b[30;107m${line}\u001b[0m`)
  }
  return `${lines.join('\n')}\n`
}

function withCorrection(bytes: Uint8Array, number: number): readonly number[] {
  const { data, check, blocks } = VERSIONS[number]!
  // Mode 4 (bytes), their number, the bytes, an end of four zero bits: all of it half a byte off.
  const nibbles = [4, bytes.length >> 4, bytes.length & 15, ...[...bytes].flatMap((byte) => [byte >> 4, byte & 15]), 0]
  const all = Array.from({ length: nibbles.length / 2 }, (_, i) => nibbles[2 * i]! * 16 + nibbles[2 * i + 1]!)
  for (let pad = 0xec; all.length < data * blocks; pad ^= 0xec ^ 0x11) all.push(pad)
  const parts = Array.from({ length: blocks }, (_, i) => all.slice(i * data, (i + 1) * data))
  const checks = parts.map((part) => remainder(part, check))
  const interleaved = (rows: readonly (readonly number[])[]) => rows[0]!.flatMap((_, i) => rows.map((row) => row[i]!))
  return [...interleaved(parts), ...interleaved(checks)]
}

/** Reed-Solomon over GF(256) with the polynomial x^8 + x^4 + x^3 + x^2 + 1. */
function remainder(data: readonly number[], degree: number): number[] {
  let generator = [1]
  for (let i = 0, root = 1; i < degree; i++, root = times(root, 2))
    generator = [...generator, 0].map((value, j) => value ^ times(generator[j - 1] ?? 0, root))
  const rest = [...data, ...Array<number>(degree).fill(0)]
  for (let i = 0; i < data.length; i++) {
    const factor = rest[i]!
    for (const [j, value] of generator.entries()) rest[i + j]! ^= times(value, factor)
  }
  return rest.slice(data.length)
}

function times(a: number, b: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ (product & 0x80 ? 0x11d : 0)
    if ((b >> bit) & 1) product ^= a
  }
  return product
}

function draw(number: number, codewords: readonly number[], mask: number): boolean[][] {
  const version = number + 1
  const size = 17 + 4 * version
  const modules: (boolean | undefined)[][] = Array.from({ length: size }, () => Array(size).fill(undefined))
  const set = (x: number, y: number, value: boolean) => {
    if (x >= 0 && y >= 0 && x < size && y < size) modules[y]![x] = value
  }
  const square = (centerX: number, centerY: number, radius: number, isDark: (ring: number) => boolean) => {
    for (let y = -radius; y <= radius; y++)
      for (let x = -radius; x <= radius; x++) set(centerX + x, centerY + y, isDark(Math.max(Math.abs(x), Math.abs(y))))
  }
  for (let i = 0; i < size; i++) {
    set(6, i, i % 2 === 0)
    set(i, 6, i % 2 === 0)
  }
  for (const [x, y] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ] as const)
    square(x, y, 4, (ring) => ring !== 2 && ring !== 4)
  const at: readonly number[] = VERSIONS[number]!.at
  const last = at.length - 1
  for (const [i, x] of at.entries())
    for (const [j, y] of at.entries())
      if (!((i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0)))
        square(x, y, 2, (ring) => ring !== 1)
  drawFormat(set, size, mask)
  if (version >= 7) drawVersion(set, size, version)
  drawData(modules, codewords, MASKS[mask]!)
  return modules as boolean[][]
}

type Set = (x: number, y: number, value: boolean) => void

/** Level of correction and mask, twice, with ten bits of correction. */
function drawFormat(set: Set, size: number, mask: number): void {
  const bits = withBch((1 << 3) | mask, 10, 0x537) ^ 0x5412
  const bit = (i: number) => ((bits >> i) & 1) === 1
  for (let i = 0; i < 15; i++) {
    const near = i < 6 ? i : i < 8 ? i + 1 : 14 - i
    if (i < 8) set(8, near, bit(i))
    else set(i === 8 ? 7 : near, 8, bit(i))
    if (i < 8) set(size - 1 - i, 8, bit(i))
    else set(8, size - 15 + i, bit(i))
  }
  set(8, size - 8, true)
}

function drawVersion(set: Set, size: number, version: number): void {
  const bits = withBch(version, 12, 0x1f25)
  for (let i = 0; i < 18; i++) {
    const [a, b] = [size - 11 + (i % 3), Math.floor(i / 3)]
    set(a, b, ((bits >> i) & 1) === 1)
    set(b, a, ((bits >> i) & 1) === 1)
  }
}

function withBch(value: number, bits: number, generator: number): number {
  let rest = value
  for (let i = 0; i < bits; i++) rest = (rest << 1) ^ ((rest >> (bits - 1)) * generator)
  return (value << bits) | rest
}

/** In columns of two, from the right, upwards and downwards in turn, where nothing stands yet. */
function drawData(
  modules: (boolean | undefined)[][],
  codewords: readonly number[],
  mask: (x: number, y: number) => boolean,
): void {
  const size = modules.length
  let at = 0
  for (let right = size - 1, upwards = true; right > 0; right -= 2, upwards = !upwards) {
    if (right === 6) right = 5
    for (let step = 0; step < size; step++) {
      const y = upwards ? size - 1 - step : step
      for (const x of [right, right - 1]) {
        if (modules[y]![x] !== undefined) continue
        const bit = ((codewords[at >> 3] ?? 0) >> (7 - (at & 7))) & 1
        at++
        modules[y]![x] = (bit === 1) !== mask(x, y)
      }
    }
  }
}

/** Long runs of one colour and blocks of it are hard to read. */
function unevenness(modules: readonly (readonly boolean[])[]): number {
  let sum = 0
  const size = modules.length
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const same = (dx: number, dy: number) => modules[y + dy]?.[x + dx] === modules[y]![x]
      if ([1, 2, 3, 4].every((d) => same(d, 0))) sum++
      if ([1, 2, 3, 4].every((d) => same(0, d))) sum++
      if (same(1, 0) && same(0, 1) && same(1, 1)) sum++
    }
  return sum
}

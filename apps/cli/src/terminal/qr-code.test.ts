import readQr from 'jsqr'
import { expect, test } from 'vitest'
import { qrCode, qrText } from './qr-code.ts'

const SCALE = 4
const QUIET = 4

/** What another program reads from a picture of the code. */
function scanned(modules: readonly (readonly boolean[])[]): string | undefined {
  const size = (modules.length + 2 * QUIET) * SCALE
  const pixels = new Uint8ClampedArray(size * size * 4).fill(255)
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      if (modules[Math.floor(y / SCALE) - QUIET]?.[Math.floor(x / SCALE) - QUIET])
        pixels.fill(0, (y * size + x) * 4, (y * size + x) * 4 + 3)
  return (readQr as unknown as typeof readQr.default)(pixels, size, size)?.data
}

test('a code of every size is read as it was written', () => {
  const link = 'https://live.example.org:8443/camera#'
  for (const length of [1, 17, 18, 32, 53, 78, 106, 107, 134, 154, 192, 230]) {
    const text = (link + 'aB3-_x'.repeat(40)).slice(0, length)
    const modules = qrCode(text)
    expect(modules, `${length} bytes`).toBeDefined()
    expect(scanned(modules!), `${length} bytes`).toBe(text)
  }
})

test('what does not fit gets none', () => {
  expect(qrCode('x'.repeat(231))).toBeUndefined()
  expect(qrText('https://live.example.org/camera', 20)).toBeUndefined()
})

test('a terminal shows two rows in one line, with a margin', () => {
  const lines = qrText('hello')!.trimEnd().split('\n')
  expect(lines).toHaveLength(Math.ceil((21 + 2 * QUIET) / 2))
  for (const line of lines) {
    const bare = line.replace('\u001b[30;107m', '').replace('\u001b[0m', '')
    expect(bare).toMatch(/^[ ▀▄█]{29}$/)
    expect(line).toHaveLength(bare.length + 12)
  }
})

import { expect, it } from 'vitest'
import { fromHex, toHex, utf8 } from './bytes.ts'
import { keccak256 } from './keccak.ts'

it.each([
  ['', '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'],
  ['abc', '0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45'],
  ['testing', '0x5f16f4c7f149ac4f9510d9cf8cf384038ad348b3bcdc01915f95de12df9d1b02'],
  ['Transfer(address,address,uint256)', '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'],
])('the hash of %j is the one of Ethereum', (text, hash) => {
  expect(toHex(keccak256(utf8(text)))).toBe(hash)
})

it('parts are hashed as their whole, around every block border', () => {
  for (const length of [1, 135, 136, 137, 271, 272, 273, 1_000]) {
    const whole = Uint8Array.from({ length }, (_, i) => i)
    const at = Math.floor(length / 3)
    expect(keccak256(whole.subarray(0, at), new Uint8Array(0), whole.subarray(at))).toEqual(keccak256(whole))
  }
})

it('a hash is its own: the next one does not change it', () => {
  const first = keccak256(utf8('a'))
  const kept = toHex(first)
  keccak256(utf8('b'))
  expect(toHex(first)).toBe(kept)
  expect(fromHex(kept)).toHaveLength(32)
})

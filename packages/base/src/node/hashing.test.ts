import { afterEach, beforeEach, expect, it } from 'vitest'
import { toHex } from '../bytes.ts'
import { keccak256 } from '../keccak.ts'
import { Hashing, MAX_MAIN_THREAD_HASH_BYTES } from './hashing.ts'

let hashing: Hashing
beforeEach(() => {
  hashing = new Hashing()
})
afterEach(() => hashing.stop())

const bytes = (length: number, seed = 1) => Uint8Array.from({ length }, (_, i) => (i * seed) & 255)

it.each([0, 1, MAX_MAIN_THREAD_HASH_BYTES, MAX_MAIN_THREAD_HASH_BYTES + 1, 1_000_000])(
  '%i bytes have the same hash in the thread and out of it',
  async (length) => {
    expect(toHex(await hashing.keccak256(bytes(length)))).toBe(toHex(keccak256(bytes(length))))
  },
)

it('many at once each get their own hash', async () => {
  const inputs = Array.from({ length: 20 }, (_, i) => bytes(70_000 + i, i + 1))
  const hashes = await Promise.all(inputs.map((input) => hashing.keccak256(input)))
  expect(hashes.map(toHex)).toEqual(inputs.map((input) => toHex(keccak256(input))))
})

it('the main thread goes on while a large one is hashed', async () => {
  let turns = 0
  const counting = setInterval(() => turns++, 1)
  await hashing.keccak256(new Uint8Array(30_000_000))
  clearInterval(counting)
  expect(turns).toBeGreaterThan(3)
})

it('the bytes stay the caller’s, also a part of a larger array', async () => {
  const whole = bytes(200_000)
  const part = whole.subarray(10, 150_000)
  expect(toHex(await hashing.keccak256(part))).toBe(toHex(keccak256(part)))
  expect(whole).toEqual(bytes(200_000))
})

it('stopping rejects what is under way, and what comes after', async () => {
  const underWay = hashing.keccak256(new Uint8Array(20_000_000))
  const outcome = expect(underWay).rejects.toMatchObject({ code: 'hashing_stopped' })
  await hashing.stop()
  await outcome
  await expect(hashing.keccak256(new Uint8Array(100_000))).rejects.toMatchObject({ code: 'hashing_stopped' })
  // Small ones need no thread.
  expect(await hashing.keccak256(new Uint8Array(1))).toHaveLength(32)
})

import fc from 'fast-check'
import { concat, type Hex, keccak256, numberToHex } from 'viem'
import { expect, test } from 'vitest'
import { claimLeaf, merkleTree } from './merkle-tree.ts'

const leaf = (number: number) => keccak256(numberToHex(number))
const rootOf = (hash: Hex, proof: readonly Hex[]) =>
  proof.reduce((a, b) => keccak256(BigInt(a) <= BigInt(b) ? concat([a, b]) : concat([b, a])), hash)

test('every leaf of a tree of any size is proven, and nothing else', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), (size, pick) => {
      const { root, proof } = merkleTree(Array.from({ length: size }, (_, index) => leaf(index)))
      const index = pick % size
      expect(rootOf(leaf(index), proof(index))).toBe(root)
      expect(rootOf(leaf(size), proof(index))).not.toBe(root)
    }),
  )
})

test('a tree of one leaf is the leaf, and there is none of no leaf', () => {
  expect(merkleTree([leaf(1)])).toMatchObject({ root: leaf(1) })
  expect(merkleTree([leaf(1)]).proof(0)).toEqual([])
  expect(() => merkleTree([])).toThrow(RangeError)
  expect(() => merkleTree([leaf(1)]).proof(1)).toThrow(RangeError)
})

test('the leaf of a claim is hashed twice', () => {
  const account = '0x00000000000000000000000000000000000000ff'
  const inner = keccak256(concat([numberToHex(0xff, { size: 32 }), numberToHex(7, { size: 32 })]))
  expect(claimLeaf({ account, amount: 7n })).toBe(keccak256(inner))
})

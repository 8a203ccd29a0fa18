import { type Address, concat, encodeAbiParameters, type Hex, keccak256 } from 'viem'

/** What an account may claim. */
export type Claim = { readonly account: Address; readonly amount: bigint }

/** A tree of hashes, in which each pair is hashed smaller one first. */
export type MerkleTree = {
  readonly root: Hex
  /** Siblings of the leaf from below; throws RangeError if there is no such leaf. */
  proof(index: number): readonly Hex[]
}

/** The leaf of a claim, as GenesisClaims hashes it. */
export const claimLeaf = ({ account, amount }: Claim): Hex =>
  keccak256(keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'uint256' }], [account, amount])))

/** Builds the tree; a hash without a sibling is taken up as it is. Throws RangeError without leaves. */
export function merkleTree(leaves: readonly Hex[]): MerkleTree {
  if (leaves.length === 0) throw new RangeError('a Merkle tree needs a leaf')
  const layers: (readonly Hex[])[] = [leaves]
  for (let layer = leaves; layer.length > 1; ) {
    layer = Array.from({ length: Math.ceil(layer.length / 2) }, (_, index) => {
      const [left, right] = [layer[2 * index]!, layer[2 * index + 1]]
      return right === undefined ? left : hashPair(left, right)
    })
    layers.push(layer)
  }
  return {
    root: layers.at(-1)![0]!,
    proof(index) {
      if (!(index in leaves)) throw new RangeError(`the tree has ${leaves.length} leaves, none with number ${index}`)
      return layers.slice(0, -1).flatMap((layer, height) => layer[(index >> height) ^ 1] ?? [])
    },
  }
}

function hashPair(a: Hex, b: Hex): Hex {
  return keccak256(a.toLowerCase() <= b.toLowerCase() ? concat([a, b]) : concat([b, a]))
}

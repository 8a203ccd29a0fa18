import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Abi, Hex } from 'viem'

type Solc = { compile(input: string, options: { import(path: string): { contents: string } }): string }

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Compiles the token of the Solidity tests, which like that of layer 1 belongs to one owner who mints. */
export function compileOwnedToken(): { abi: Abi; bytecode: Hex } {
  const require = createRequire(import.meta.url)
  const solc = require('solc') as Solc
  const path = 'contracts/test/utils/OwnedToken.sol'
  const settings = { outputSelection: { [path]: { OwnedToken: ['abi', 'evm.bytecode.object'] } } }
  const sources = { [path]: { content: readFileSync(join(root, path), 'utf8') } }
  const output = JSON.parse(
    solc.compile(JSON.stringify({ language: 'Solidity', sources, settings }), {
      import: (name) => {
        const [, inside] = /^@openzeppelin\/contracts\/(.*)$/.exec(name) ?? []
        const folder = dirname(require.resolve('@openzeppelin/contracts/package.json'))
        return { contents: readFileSync(inside ? join(folder, inside) : join(root, name), 'utf8') }
      },
    }),
  ) as { contracts: Record<string, Record<string, { abi: Abi; evm: { bytecode: { object: string } } }>> }
  const { abi, evm } = output.contracts[path]!.OwnedToken!
  return { abi, bytecode: `0x${evm.bytecode.object}` }
}

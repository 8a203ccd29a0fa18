#!/usr/bin/env node
// Gives forge the npm solc under the command line of the native one.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const solc = createRequire(import.meta.url)('solc')

if (process.argv.includes('--version')) {
  // forge reads the number from a line of the native compiler's form, which names a platform.
  const version = solc.version().replace(/\.Emscripten.*$/, '.Linux.g++')
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`)
} else {
  process.stdout.write(solc.compile(readFileSync(0, 'utf8')))
}

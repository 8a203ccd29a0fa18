#!/usr/bin/env node
import { existsSync } from 'node:fs'

const program = new URL('../dist/index.js', import.meta.url)
if (!existsSync(program)) {
  process.stderr.write('millrace is not built yet: run `npm run build` first (`npm start` does it by itself)\n')
  process.exit(1)
}
const { main } = await import(program.href)
await main(process.argv.slice(2))

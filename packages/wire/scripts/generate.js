// Rebuilds src/proto/generated from src/proto/*.proto with the locally installed buf and protoc-gen-es.
// Usage: node packages/wire/scripts/generate.js [output folder]
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const bin = resolve(root, '../../node_modules/.bin')
const out = resolve(process.argv[2] ?? join(root, 'src/proto/generated'))

const template = {
  version: 'v2',
  plugins: [
    {
      local: 'protoc-gen-es',
      out,
      opt: ['target=ts', 'import_extension=ts', 'erasable_syntax=true'],
    },
  ],
}

mkdirSync(out, { recursive: true })
execFileSync(join(bin, 'buf'), ['generate', join(root, 'src/proto'), '--template', JSON.stringify(template)], {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` },
})

#!/usr/bin/env node
// Compiles the contracts and writes what the product uses of them: artifacts/<Name>.json and ts/generated/.
// With --out FOLDER both go there instead, so that a test can compare them with the committed ones.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { forge } from './forge.js'

const home = fileURLToPath(new URL('..', import.meta.url))

const { values } = parseArgs({ options: { out: { type: 'string' } } })
const artifactsDir = values.out ? join(values.out, 'artifacts') : join(home, 'artifacts')
const generatedDir = values.out ? join(values.out, 'generated') : join(home, 'ts', 'generated')

/** Concrete contracts of src, each in a file of its name, with the folder it stands in. */
const contracts = readdirSync(join(home, 'src'), { recursive: true })
  .filter((path) => path.endsWith('.sol'))
  .map((path) => ({ name: basename(path, '.sol'), folder: dirname(path), path }))
  .filter(({ name, path }) =>
    new RegExp(`^contract ${name}\\b`, 'm').test(readFileSync(join(home, 'src', path), 'utf8')),
  )
  .sort((a, b) => (a.name < b.name ? -1 : 1))
const names = contracts.map(({ name }) => name)
const compiled = compile()

for (const dir of [artifactsDir, generatedDir]) rmSync(dir, { recursive: true, force: true })
for (const dir of [join(artifactsDir, 'storage'), generatedDir]) mkdirSync(dir, { recursive: true })

for (const { name, folder } of contracts) {
  const { abi, bytecode, deployedBytecode, storageLayout } = compiled[name]
  const artifact = {
    contractName: name,
    abi,
    bytecode: bytecode.object,
    deployedBytecode: deployedBytecode.object,
  }
  writeFileSync(join(artifactsDir, `${name}.json`), `${JSON.stringify(artifact)}\n`)
  writeFileSync(join(artifactsDir, 'storage', `${name}.json`), `${JSON.stringify(slotsOf(storageLayout), null, 1)}\n`)

  const fileName = kebab(name)
  writeFileSync(
    join(generatedDir, `${fileName}.abi.ts`),
    `/** ABI of ${name}. */\nexport const ${variable(name)}Abi = ${JSON.stringify(artifact.abi, null, 2)} as const\n`,
  )
  // Runtime code is for contracts that are put in place instead of deployed, and whole only without immutables.
  let code = `/** Creation code of ${name}. */\nexport const ${variable(name)}Bytecode =\n  '${artifact.bytecode}' as const\n`
  if (folder === 'dev') {
    code += `\n/** Runtime code of ${name}. */\nexport const ${variable(name)}DeployedBytecode =\n  '${artifact.deployedBytecode}' as const\n`
  }
  writeFileSync(join(generatedDir, `${fileName}.bytecode.ts`), code)
}
for (const kind of ['abi', 'bytecode']) {
  const lines = names.map((name) => `export * from './${kebab(name)}.${kind}.ts'\n`)
  writeFileSync(join(generatedDir, kind === 'abi' ? 'abis.ts' : 'bytecode.ts'), lines.join(''))
}
process.stdout.write(`${names.length} artifacts\n`)

/** Compiles all sources afresh, without the tests: what forge has cached must not show in the result. */
function compile() {
  const scratch = mkdtempSync(join(tmpdir(), 'millrace-contracts-'))
  try {
    const paths = ['--out', join(scratch, 'out'), '--cache-path', join(scratch, 'cache')]
    const build = forge(['build', '--skip', 'test', '--extra-output', 'storageLayout', ...paths], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { FOUNDRY_BUILD_INFO: 'false' },
    })
    if (build.status !== 0) process.exit(build.status ?? 1)
    const read = (name) => JSON.parse(readFileSync(join(scratch, 'out', `${name}.sol`, `${name}.json`), 'utf8'))
    return Object.fromEntries(names.map((name) => [name, read(name)]))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Slots, and members by struct, e.g. '2 unbondingPeriod: uint64': what an upgrade must not move. */
function slotsOf({ storage, types }) {
  const plain = (label) => label.replaceAll(/\b(contract|struct) /g, '')
  const describe = (variables) =>
    variables.map(({ slot, offset, label, type }) => {
      return `${slot}${offset ? `+${offset}` : ''} ${label}: ${plain(types[type].label)}`
    })
  const structs = Object.values(types ?? {}).filter(({ members }) => members)
  const members = structs.map(({ label, members }) => [plain(label), describe(members)])
  return { slots: describe(storage), structs: Object.fromEntries(members) }
}

/** RoundsManager -> roundsManager */
function variable(name) {
  return name[0].toLowerCase() + name.slice(1)
}

function kebab(name) {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '-').toLowerCase()
}

#!/usr/bin/env node
// Compiles the contracts and writes what the product uses of them: artifacts/<Name>.json and ts/generated/.
// With --out FOLDER both go there instead, so that a test can compare them with the committed ones.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { forge } from './forge.js'

const home = fileURLToPath(new URL('..', import.meta.url))

/** Contracts that get an artifact, by the source folder they stand in. */
export const contracts = {
  controller: ['Controller', 'ManagerProxy', 'ServiceRegistry'],
  token: ['LivepeerToken', 'Minter', 'LivepeerTokenFaucet'],
  rounds: ['RoundsManager', 'AdjustableRoundsManager'],
  bonding: ['BondingManager', 'BondingVotes'],
  tickets: ['TicketBroker'],
  dev: ['ArbSysStandIn', 'StandaloneL2LPTDataCache'],
}

const { values } = parseArgs({ options: { out: { type: 'string' } } })
const artifactsDir = values.out ? join(values.out, 'artifacts') : join(home, 'artifacts')
const generatedDir = values.out ? join(values.out, 'generated') : join(home, 'ts', 'generated')

const names = Object.values(contracts).flat()
const compiled = compile()

for (const dir of [artifactsDir, generatedDir]) {
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(dir, { recursive: true })
}

for (const name of names) {
  const { abi, bytecode, deployedBytecode } = compiled[name]
  const artifact = {
    contractName: name,
    abi,
    bytecode: bytecode.object,
    deployedBytecode: deployedBytecode.object,
  }
  writeFileSync(join(artifactsDir, `${name}.json`), `${JSON.stringify(artifact)}\n`)

  // RoundsManager -> roundsManagerAbi
  const variable = name[0].toLowerCase() + name.slice(1)
  const fileName = kebab(name)
  writeFileSync(
    join(generatedDir, `${fileName}.abi.ts`),
    `/** ABI of ${name}. */\nexport const ${variable}Abi = ${JSON.stringify(artifact.abi, null, 2)} as const\n`,
  )
  // Runtime code is for contracts that are put in place instead of deployed, and whole only without immutables.
  let code = `/** Creation code of ${name}. */\nexport const ${variable}Bytecode =\n  '${artifact.bytecode}' as const\n`
  if (contracts.dev.includes(name)) {
    code += `\n/** Runtime code of ${name}. */\nexport const ${variable}DeployedBytecode =\n  '${artifact.deployedBytecode}' as const\n`
  }
  writeFileSync(join(generatedDir, `${fileName}.bytecode.ts`), code)
}
writeFileSync(join(artifactsDir, 'storage-layouts.json'), `${JSON.stringify(storageLayouts(), null, 1)}\n`)
process.stdout.write(`${names.length} artifacts\n`)

/** Compiles all sources afresh, without the tests: what forge has cached must not show in the result. */
function compile() {
  const scratch = mkdtempSync(join(tmpdir(), 'millrace-contracts-'))
  try {
    const paths = ['--out', join(scratch, 'out'), '--cache-path', join(scratch, 'cache')]
    const build = forge(['build', '--skip', 'test', '--extra-output', 'storageLayout', ...paths], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    if (build.status !== 0) process.exit(build.status ?? 1)
    const read = (name) => JSON.parse(readFileSync(join(scratch, 'out', `${name}.sol`, `${name}.json`), 'utf8'))
    return Object.fromEntries(names.map((name) => [name, read(name)]))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Slots by contract and members by struct, e.g. '2 unbondingPeriod: uint64': what an upgrade must not move. */
function storageLayouts() {
  return Object.fromEntries(
    names.map((name) => {
      const { storage, types } = compiled[name].storageLayout
      const plain = (label) => label.replaceAll(/\b(contract|struct) /g, '')
      const describe = (variables) =>
        variables.map(({ slot, offset, label, type }) => {
          return `${slot}${offset ? `+${offset}` : ''} ${label}: ${plain(types[type].label)}`
        })
      const structs = Object.values(types ?? {}).filter(({ members }) => members)
      const members = structs.map(({ label, members }) => [plain(label), describe(members)])
      return [name, { slots: describe(storage), structs: Object.fromEntries(members) }]
    }),
  )
}

function kebab(name) {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '-').toLowerCase()
}

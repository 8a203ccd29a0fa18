#!/usr/bin/env node
// Runs forge with the repository as root and contracts/foundry.toml as its configuration.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const repositoryRoot = fileURLToPath(new URL('../../', import.meta.url))

// The launcher that the package forge comes with ends with 0 whatever forge says, so the program itself is run.
const cpu = { x64: 'amd64', arm64: 'arm64' }[process.arch] ?? process.arch
const program = process.platform === 'win32' ? 'forge.exe' : 'forge'
const bin = fileURLToPath(
  new URL(`../../node_modules/@foundry-rs/forge-${process.platform}-${cpu}/bin/${program}`, import.meta.url),
)

/** Runs forge to its end; `options` are those of spawnSync. */
export function forge(args, options = {}) {
  const env = {
    ...process.env,
    FOUNDRY_CONFIG: fileURLToPath(new URL('../foundry.toml', import.meta.url)),
    FOUNDRY_DISABLE_NIGHTLY_WARNING: '1',
    ...options.env,
  }
  return spawnSync(bin, [...args, '--root', repositoryRoot], { cwd: repositoryRoot, stdio: 'inherit', ...options, env })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = forge(process.argv.slice(2)).status ?? 1

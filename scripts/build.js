#!/usr/bin/env node
// Compiles the packages and the web page; what is up to date is skipped, so that a second start costs about a second.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const quiet = process.argv.includes('--quiet')
const say = (text) => quiet || console.log(text)

function run(what, command, args, cwd = root) {
  const began = Date.now()
  const result = spawnSync(process.execPath, [command, ...args], { cwd, encoding: 'utf8' })
  if (result.status !== 0) {
    process.stderr.write(`${what} failed:\n${result.stdout}${result.stderr}\n`)
    process.exit(1)
  }
  say(`${what}: ${Date.now() - began} ms`)
}

/** A fingerprint of names, sizes and contents below a folder. */
function fingerprint(folders) {
  const hash = createHash('sha256')
  const walk = (path) => {
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path).sort()) if (!['dist', 'node_modules'].includes(name)) walk(join(path, name))
    } else hash.update(path.slice(root.length)).update(readFileSync(path))
  }
  for (const folder of folders) if (existsSync(folder)) walk(folder)
  return hash.digest('hex')
}

run('compile', join(root, 'node_modules/typescript/bin/tsc'), ['-b'])

const web = join(root, 'apps/web')
if (existsSync(join(web, 'index.html'))) {
  const stamp = join(web, 'dist/.fingerprint')
  const now = fingerprint([web, join(root, 'packages/base/src'), join(root, 'packages/wire/src')])
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== now) {
    run('web page', join(root, 'node_modules/vite/bin/vite.js'), ['build', '--logLevel', 'warn'], web)
    mkdirSync(dirname(stamp), { recursive: true })
    writeFileSync(stamp, now)
  }
}

#!/usr/bin/env node
// Prints what running Millrace takes on this platform (compilers and test tools are not counted) and fails when it is over budget.
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MAX_MB = 350
const MAX_PACKAGES = 300
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))

function bytesBelow(folder) {
  let sum = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    // A package inside a package is counted as its own.
    if (entry.name === 'node_modules') continue
    if (entry.isDirectory()) sum += bytesBelow(path)
    else if (entry.isFile()) sum += lstatSync(path).size
  }
  return sum
}

/** Where Node finds a package from a place in the tree. */
function resolve(name, from) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const path = `${at && `${at}/`}node_modules/${name}`
    if (lock.packages[path]) return lock.packages[path].link ? lock.packages[path].resolved : path
    if (at === '') return undefined
    if (!at.includes('node_modules/')) at = ''
  }
}

/** Everything that the program needs to run: dependencies and optional dependencies, all the way down. */
const needed = new Set()
function walk(path) {
  if (needed.has(path)) return
  needed.add(path)
  const entry = lock.packages[path]
  for (const name of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) {
    const found = resolve(name, path)
    if (found) walk(found)
  }
}
walk('apps/cli')

const sizes = []
for (const path of needed) {
  const folder = join(root, path)
  if (!path.includes('node_modules/') || !existsSync(folder)) continue
  sizes.push({ name: path.replace(/^.*node_modules\//, ''), bytes: bytesBelow(folder) })
}
sizes.sort((a, b) => b.bytes - a.bytes)
const megabytes = sizes.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6
for (const { name, bytes } of sizes.slice(0, Number(process.argv[2] ?? 12)))
  console.log(`${(bytes / 1e6).toFixed(1).padStart(8)} MB  ${name}`)
console.log(`${megabytes.toFixed(1)} MB in ${sizes.length} packages (budget: ${MAX_MB} MB, ${MAX_PACKAGES} packages)`)
if (megabytes > MAX_MB || sizes.length > MAX_PACKAGES) {
  console.error('the install is over its budget')
  process.exit(1)
}

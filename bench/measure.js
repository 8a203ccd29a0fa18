// Measuring: processor time from /proc, medians with their spread, tables, and bounds.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Clock ticks a second in /proc; Linux has 100 on every platform that Node runs on. */
const TICKS = 100

function stat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return {
      pid,
      parent: Number(fields[1]),
      ticks: fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0),
    }
  } catch {
    return undefined
  }
}

/** A process and everything below it. */
function tree(pid) {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (stat(name) ?? []) : []))
  const below = (parent) => all.filter((p) => p.parent === parent).flatMap((p) => [p, ...below(Number(p.pid))])
  return [stat(pid), ...below(pid)].filter((p) => p !== undefined)
}

/** Seconds of processor time, user and system, of a process, what is below it, and what has ended below it. */
export const cpuSeconds = (pid) => tree(pid).reduce((sum, { ticks }) => sum + ticks, 0) / TICKS

/** Seconds of processor time, user and system, of a process alone. */
export function ownCpuSecondsOf(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}

/** Resident memory of a process and everything below it, in bytes; pages that are shared count in each. */
export function residentBytes(pid) {
  return tree(pid).reduce((sum, { pid: one }) => {
    try {
      const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${one}/status`, 'utf8'))?.[1] ?? '0'
      return sum + Number(kib) * 1024
    } catch {
      return sum
    }
  }, 0)
}

/**
 * Resident memory of a process and everything below it, in bytes, with pages that several of them share counted once:
 * all that is private, and the shared pages of the one that has most of them.
 */
export function residentOnceBytes(pid) {
  let own = 0
  let shared = 0
  for (const { pid: one } of tree(pid)) {
    const text = rollupOf(one)
    // It ended in between.
    if (text === undefined) continue
    const kib = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? '0')
    const mine = (kib('Private_Clean') + kib('Private_Dirty')) * 1024
    own += mine
    shared = Math.max(shared, kib('Rss') * 1024 - mine)
  }
  return own + shared
}

function rollupOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  } catch {
    return undefined
  }
}

/** The median of some numbers with the least and the most. */
export function summary(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const median = Number.isInteger(middle) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[Math.floor(middle)]
  return { median, least: sorted[0], most: sorted.at(-1), count: sorted.length }
}

/** `12.3 (11.9 to 13.0)` */
export function spread(values, digits = 2) {
  const { median, least, most } = summary(values)
  return `${median.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`
}

/** Calls per second of some work, once for each round; the works of a set take turns. */
export async function rates(works, { rounds = 5, ms = 250 } = {}) {
  const found = Object.fromEntries(Object.keys(works).map((name) => [name, []]))
  for (const work of Object.values(works)) await work()
  for (let round = 0; round < rounds; round++)
    for (const [name, work] of Object.entries(works)) {
      const began = performance.now()
      let calls = 0
      while (performance.now() - began < ms) {
        await work()
        calls++
      }
      found[name].push((calls * 1000) / (performance.now() - began))
    }
  return found
}

/** Seconds of processor time that this process has taken, all its threads, user and system. */
const ownCpuSeconds = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/**
 * Calls per second of processor time, once for each round; the works of a set take turns. A work may be given as
 * `{ prepare, run }`: what `prepare` returns is handed to `run` outside of the time that counts.
 */
export async function cpuRates(works, { rounds = 5, calls }) {
  const found = Object.fromEntries(Object.keys(works).map((name) => [name, []]))
  for (let round = -1; round < rounds; round++)
    for (const [name, work] of Object.entries(works)) {
      const { prepare, run } = typeof work === 'function' ? { run: work } : work
      const prepared = []
      if (prepare) for (let i = 0; i < calls; i++) prepared.push(await prepare())
      const began = ownCpuSeconds()
      for (let i = 0; i < calls; i++) {
        const result = run(prepared[i])
        if (result instanceof Promise) await result
      }
      // The round before the first warms up compilers and caches.
      if (round >= 0) found[name].push(calls / (ownCpuSeconds() - began))
    }
  return found
}

/** Prints rows under their heads. */
export function table(heads, rows) {
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => String(row[i]).length)))
  const line = (cells) =>
    console.log(`  ${cells.map((cell, i) => String(cell).padEnd(widths[i])).join('  ')}`.trimEnd())
  line(heads)
  line(widths.map((width) => '─'.repeat(width)))
  for (const row of rows) line(row)
}

const missed = []

/** A bound that is stated in docs/benchmarks.md; one that is missed fails the whole bench at its end. */
export const bound = (what, value, most, unit) => hold(what, value, value <= most, `at most ${most} ${unit}`, unit)

/** The same for a figure that must not be too small. */
export const floor = (what, value, least, unit) => hold(what, value, value >= least, `at least ${least} ${unit}`, unit)

function hold(what, value, kept, limit, unit) {
  if (!kept) missed.push(what)
  console.log(`  ${kept ? 'kept  ' : 'MISSED'} ${what}: ${value.toFixed(2)} ${unit}, ${limit}`)
}

export const missedBounds = () => missed

export const onPath = (name) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))

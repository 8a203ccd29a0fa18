// From the command to the chain, the nodes and the first rendition that a player can show.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { bound, spread, summary, table } from './measure.js'

export async function bench({ quick, root }) {
  const runs = quick ? 2 : 5
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const found = { first: [], second: [] }
  try {
    for (let i = 0; i < runs; i++)
      for (const kind of ['first', 'second']) {
        const times = await start(root, folder, kind === 'first')
        found[kind].push(times)
        const { chain, nodes, rendition } = times
        console.log(`  ${kind} start: chain ${chain} s, nodes ${nodes} s, first rendition ${rendition.toFixed(1)} s`)
      }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  const column = (kind, name) =>
    spread(
      found[kind].map((times) => times[name]),
      1,
    )
  table(
    [`seconds, median (least to most) of ${runs}`, 'first start (--fresh)', 'second start'],
    [
      ['chain up, since the program runs', column('first', 'chain'), column('second', 'chain')],
      ['all nodes up, since the program runs', column('first', 'nodes'), column('second', 'nodes')],
      ['first playable rendition, since the command', column('first', 'rendition'), column('second', 'rendition')],
    ],
  )
  for (const kind of ['first', 'second']) {
    bound(`chain up, ${kind} start`, summary(found[kind].map(({ chain }) => chain)).median, 3, 's')
    bound(`first rendition, ${kind} start`, summary(found[kind].map(({ rendition }) => rendition)).median, 15, 's')
  }
}

/** Runs `millrace up` until its first rendition, then stops it. */
async function start(root, folder, fresh) {
  const began = performance.now()
  const offset = 1_000 + Math.floor(Math.random() * 20_000)
  const program = join(root, 'apps/cli/bin/millrace.js')
  const args = [program, 'up', '--data-dir', folder, '--port-offset', String(offset), ...(fresh ? ['--fresh'] : [])]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const times = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no rendition within a minute')), 60_000)
    void ended.then(() => reject(new Error(`millrace up ended: ${errors}`)))
    let up
    let rendition
    createInterface({ input: child.stdout }).on('line', (line) => {
      up ??= /up in ([\d.]+) s \(chain ([\d.]+) s\)/.exec(line) ?? undefined
      if (line.startsWith('first playable rendition')) rendition ??= (performance.now() - began) / 1000
      if (!up || rendition === undefined) return
      clearTimeout(timer)
      resolve({ chain: Number(up[2]), nodes: Number(up[1]), rendition })
    })
  }).finally(() => child.kill('SIGTERM'))
  await ended
  return times
}

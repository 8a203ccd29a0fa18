// From the command to the chain, the nodes and the first rendition that a player can show.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { DEFAULT_PORTS } from '@millrace/devnet'
import { bound, spread, summary, table } from './measure.js'

export async function bench({ quick, root }) {
  const runs = quick ? 1 : 5
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const found = { first: [], second: [] }
  try {
    for (let i = 0; i < runs; i++)
      for (const kind of ['first', 'second']) {
        const times = await start(root, folder, kind === 'first')
        found[kind].push(times)
        const { chain, nodes, rendition } = times
        console.log(
          `  ${kind} start: chain ${chain.toFixed(1)} s, nodes ${nodes.toFixed(1)} s, first rendition ${rendition.toFixed(1)} s`,
        )
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
    [`seconds from the command, median (least to most) of ${runs}`, 'first start (--fresh)', 'second start'],
    [
      ['chain answers', column('first', 'chain'), column('second', 'chain')],
      ['all nodes up', column('first', 'nodes'), column('second', 'nodes')],
      ['first playable rendition', column('first', 'rendition'), column('second', 'rendition')],
    ],
  )
  for (const kind of ['first', 'second']) {
    bound(`chain up, ${kind} start`, summary(found[kind].map(({ chain }) => chain)).median, 3, 's')
    bound(`first rendition, ${kind} start`, summary(found[kind].map(({ rendition }) => rendition)).median, 15, 's')
  }
}

/** Runs `millrace up` until its first rendition, then stops it; all times count from the command. */
async function start(root, folder, fresh) {
  const began = performance.now()
  const since = () => (performance.now() - began) / 1000
  const offset = 1_000 + Math.floor(Math.random() * 20_000)
  const program = join(root, 'apps/cli/bin/millrace.js')
  const more = ['--json', '--data-dir', folder, '--port-offset', String(offset), ...(fresh ? ['--fresh'] : [])]
  const child = spawn(process.execPath, [program, 'up', ...more], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const deadline = AbortSignal.timeout(60_000)
  try {
    const chain = chainAnswers(DEFAULT_PORTS.chain + offset, deadline).then(since)
    const seen = await new Promise((resolve, reject) => {
      deadline.addEventListener('abort', () => reject(new Error('no rendition within a minute')), { once: true })
      void ended.then(() => reject(new Error(`millrace up ended: ${errors}`)))
      let nodes
      createInterface({ input: child.stdout }).on('line', (line) => {
        const event = JSON.parse(line)
        if (event.type === 'node_started') nodes ??= since()
        if (event.type === 'segment_transcoded') resolve({ nodes, rendition: since() })
      })
    })
    return { chain: await chain, ...seen }
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}

/** Resolves when the chain tells its block. */
async function chainAnswers(port, deadline) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_blockNumber', params: [] })
  const headers = { 'content-type': 'application/json' }
  for (;;) {
    const answered = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body, headers, signal: deadline }).then(
      (response) => response.ok,
      () => false,
    )
    if (answered) return
    await sleep(20, undefined, { signal: deadline })
  }
}

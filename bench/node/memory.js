// Resident memory of every role, started alone as a user does it, and idle. A worker has a second process, which waits for its first stream.
import { setTimeout as sleep } from 'node:timers/promises'
import { devnetAddress } from '@millrace/devnet'
import { bound, residentBytes, residentOnceBytes, spread, summary, table } from '../measure.js'
import { at, openProcesses } from './processes.js'

const MB = 1_000_000
const MOST_MB = 150

export async function bench({ quick, root }) {
  const runs = quick ? 1 : 5
  const seconds = quick ? 5 : 10
  const found = Object.fromEntries(
    ['gateway', 'orchestrator', 'worker', 'redeemer', 'signer'].map((name) => [name, { all: [], once: [] }]),
  )
  for (let i = 0; i < runs; i++) {
    const processes = await openProcesses(root)
    try {
      const service = await at()
      const roles = {
        orchestrator: await processes.start('orchestrator', 'orchestrator1', [
          ...['orchestrator', '-serviceAddr', service, '-orchSecret', 'secret', '-pricePerUnit', '1'],
        ]),
        gateway: await processes.start('gateway', 'gateway', [
          ...['gateway', '-orchAddr', service, '-httpAddr', await at(), '-rtmpAddr', await at()],
        ]),
        redeemer: await processes.start('redeemer', 'redeemer1', [
          ...['redeemer', '-ethOrchAddr', devnetAddress('orchestrator1'), '-httpAddr', await at()],
        ]),
        signer: await processes.start('signer', 'gateway', ['signer', '-httpAddr', await at()]),
        worker: await processes.start('worker', undefined, ['worker', '-orchAddr', service, '-orchSecret', 'secret']),
      }
      await sleep(seconds * 1_000)
      for (const [name, { pid }] of Object.entries(roles)) {
        const { all, once } = found[name]
        all.push(residentBytes(pid) / MB)
        once.push(residentOnceBytes(pid) / MB)
      }
    } finally {
      await processes.close()
    }
  }
  table(
    [
      `MB resident after ${seconds} s idle, median (least to most) of ${runs}`,
      'shared pages once',
      'sum of its processes',
    ],
    Object.entries(found).map(([name, { all, once }]) => [name, spread(once, 0), spread(all, 0)]),
  )
  for (const [name, { once }] of Object.entries(found))
    bound(`resident memory of an idle ${name}`, summary(once).median, MOST_MB, 'MB')
}

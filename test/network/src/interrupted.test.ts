import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePortOffset } from '@millrace/devnet'
import { describe, expect, it } from 'vitest'
import { until } from './ledger.ts'
import { descendants, isRunning } from './processes.ts'
import { Up } from './up.ts'

describe('Ctrl-C on millrace up', () => {
  for (const form of ['one process', 'a process each'] as const)
    it(`stops everything in order, although a terminal interrupts all its processes, ${form}`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'millrace-interrupted-'))
      try {
        await using up = await Up.start(form, folder, await freePortOffset())
        const below = descendants(up.pid)
        expect(below.map(({ command }) => command)).toContain('anvil')
        expect({ status: await up.interrupt(), errors: up.errors }).toEqual({ status: 0, errors: '' })
        await until('the end of all processes', () => below.every(({ pid }) => !isRunning(pid)), 20_000)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    }, 120_000)
})

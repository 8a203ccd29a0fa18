import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { makeTestClip } from '@millrace/media/testing'
import { DEFAULT_LADDER } from '@millrace/wire'
import { describe, expect, it } from 'vitest'
import { eventsOf, until } from './ledger.ts'
import { startTestNetwork } from './network-fixture.ts'
import { descendants } from './processes.ts'
import { push } from './push.ts'

for (const form of ['one process', 'a process each'] as const)
  describe(`without a chain, ${form}`, () => {
    it('the same segments go through, nothing is paid, and no chain runs', async () => {
      const clip = await makeTestClip({ seconds: 6, width: 640, height: 360, seed: 3 })
      await using running = await startTestNetwork(form, { offchain: true })
      const { network, folder } = running
      for (const segment of clip.segments) {
        const pushed = await push(network.gatewayUrl, { stream: 'free', ...segment })
        expect(pushed).toMatchObject({ status: 200, text: '', feeWei: 0n })
        expect([...pushed.renditions.keys()]).toEqual(DEFAULT_LADDER.map(({ name }) => name))
      }
      const count = clip.segments.length
      await until('all segments', () => network.hub.view().totals.segmentsOut >= count)
      const { totals, chain } = network.hub.view()
      expect(totals).toMatchObject({
        segmentsIn: count,
        segmentsOut: count,
        renditionsOut: 4 * count,
        paid: 0,
        fallback: 0,
        missing: 0,
        ticketsSent: 0,
        ticketsReceived: 0,
        feesWei: 0n,
      })
      expect(eventsOf(network, 'payment_received')).toEqual([])
      const explained = await fetch(`http://127.0.0.1:${network.options.ports.gatewayCli}/explain/free`)
      const { choices } = (await explained.json()) as {
        choices: { seq: number; picked: string; considered: unknown[] }[]
      }
      expect(choices.filter(({ picked }) => picked).map(({ seq }) => seq)).toEqual(
        expect.arrayContaining(clip.segments.map(({ seq }) => seq)),
      )
      expect(chain).toBeUndefined()
      expect(network.client).toBeUndefined()
      expect(network.embeddedChain).toBeUndefined()
      expect(descendants(process.pid).map(({ command }) => command)).not.toContain('anvil')
      expect(existsSync(join(folder, 'chain'))).toBe(false)
    }, 90_000)
  })

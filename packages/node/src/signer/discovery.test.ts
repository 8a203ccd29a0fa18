import { ManualClock, rational, silentLog } from '@millrace/base'
import { PriceCeilings } from '@millrace/payments'
import { CAPABILITY, capabilitiesOf, type OrchestratorInfo, type PriceInfo } from '@millrace/wire'
import { beforeEach, describe, expect, it } from 'vitest'
import { SignerDiscovery } from './discovery.ts'

const model = { warm: true, capacity: 1, runnerVersion: '', capacityInUse: 0 }
const price = (pricePerUnit: bigint, more: Partial<PriceInfo> = {}): PriceInfo => ({
  pricePerUnit,
  pixelsPerUnit: 1n,
  ...more,
})

function terms(more: Partial<OrchestratorInfo> & { readonly models?: readonly string[] } = {}): OrchestratorInfo {
  const { models = [], ...rest } = more
  return {
    serviceUri: '',
    address: `0x${'1'.repeat(40)}`,
    hardware: [],
    storage: [],
    capabilitiesPrices: [],
    nodes: [],
    priceInfo: price(10n),
    capabilities: capabilitiesOf(1n, {
      constraints: {
        minVersion: '',
        perCapability: new Map(
          models.length > 0
            ? [[CAPABILITY.liveVideoToVideo, { models: new Map(models.map((id) => [id, model])) }]]
            : [],
        ),
      },
    }),
    ...rest,
  }
}

let clock: ManualClock
let listed: Record<string, OrchestratorInfo | undefined>
let asked: string[]
let ceilings: PriceCeilings
let discovery: SignerDiscovery

beforeEach(() => {
  clock = new ManualClock(1_000_000)
  asked = []
  ceilings = new PriceCeilings(rational(20n))
  discovery = new SignerDiscovery(
    { refreshMs: 60_000 },
    {
      find: async () => Object.keys(listed).map((serviceUri) => ({ serviceUri })),
      ask: async ({ serviceUri }) => {
        asked.push(serviceUri)
        const info = listed[serviceUri]
        if (!info) throw new Error('it does not answer')
        return info
      },
      isBlocked: ({ address }) => address.startsWith('0xbb'),
      maxPrice: (capabilities) => ceilings.most(capabilities),
      clock,
      log: silentLog,
    },
  )
})

const LIVE = 'live-video-to-video'

describe('discovery by a signer', () => {
  it('lists who can be afforded, with models that can be afforded', async () => {
    const own = (constraint: string, wei: bigint) => price(wei, { capability: CAPABILITY.liveVideoToVideo, constraint })
    listed = {
      transcodes: terms(),
      dear: terms({ priceInfo: price(21n) }),
      free: terms({ priceInfo: undefined as never }),
      dead: undefined,
      blocked: terms({ address: `0x${'bb'.repeat(20)}` }),
      live: terms({ models: ['b', 'a', 'c'], capabilitiesPrices: [own('c', 100n)] }),
      only: terms({ priceInfo: price(1_000n), models: ['a', 'z'], capabilitiesPrices: [own('z', 20n)] }),
    }
    expect(await discovery.find([])).toEqual([
      { address: 'transcodes', capabilities: [] },
      { address: 'live', capabilities: [`${LIVE}/a`, `${LIVE}/b`] },
      { address: 'only', capabilities: [`${LIVE}/z`] },
    ])
  })

  it('names those that have any of the capabilities', async () => {
    listed = { x: terms({ models: ['a'] }), y: terms({ models: ['b'] }), z: terms() }
    expect((await discovery.find([`${LIVE}/a`])).map(({ address }) => address)).toEqual(['x'])
    expect((await discovery.find([`${LIVE}/a`, `${LIVE}/b`])).map(({ address }) => address)).toEqual(['x', 'y'])
    expect(await discovery.find(['text-to-image/a'])).toEqual([])
  })

  it('counts the ceiling of a model before that of anything', async () => {
    ceilings.set(CAPABILITY.liveVideoToVideo, 'a', rational(5n))
    listed = { x: terms({ models: ['a', 'b'] }) }
    expect(await discovery.find([])).toEqual([{ address: 'x', capabilities: [`${LIVE}/b`] }])
  })

  it('asks again only when its time has come, and nobody waits for that', async () => {
    listed = { x: terms() }
    await discovery.find([])
    await discovery.find([])
    expect(asked).toEqual(['x'])
    listed = { x: terms(), y: terms() }
    await clock.advance(60_000)
    expect(await discovery.find([])).toHaveLength(1)
    await expect.poll(() => discovery.find([])).toHaveLength(2)
    expect(asked).toEqual(['x', 'x', 'y'])
  })

  it('keeps whom it knew when nobody answers', async () => {
    listed = { x: terms() }
    await discovery.find([])
    listed = { x: undefined }
    await clock.advance(60_000)
    await discovery.find([])
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(await discovery.find([])).toHaveLength(1)
  })

  it('answers 503 while nobody is known, and looks again soon', async () => {
    listed = {}
    const none = { code: 'signer_busy', status: 503 }
    await expect(discovery.find([])).rejects.toMatchObject(none)
    listed = { x: terms() }
    await expect(discovery.find([])).rejects.toMatchObject(none)
    await clock.advance(5_000)
    expect(await discovery.find([])).toHaveLength(1)
  })
})

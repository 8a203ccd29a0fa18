import { rational } from '@millrace/base'
import {
  CAPABILITY,
  type Capabilities,
  capabilitiesOf,
  capabilityBits,
  capabilityOfPipeline,
  jobCapabilities,
  NO_CONSTRAINTS,
} from '@millrace/wire'
import { describe, expect, it } from 'vitest'
import { PriceCeilings } from './price-ceilings.ts'

const job = (...needs: readonly number[]) => capabilitiesOf(capabilityBits(needs), { constraints: NO_CONSTRAINTS })
const model = { warm: false, capacity: 1, runnerVersion: '', capacityInUse: 0 }
const models = (capability: number, ...ids: readonly string[]): Capabilities =>
  capabilitiesOf(1n, {
    constraints: {
      minVersion: '',
      perCapability: new Map([[capability, { models: new Map(ids.map((id) => [id, model])) }]]),
    },
  })

describe('the most for a job', () => {
  const ceilings = new PriceCeilings(rational(100n))
  ceilings.set(CAPABILITY.hevcEncode, 'default', rational(300n))
  ceilings.set(CAPABILITY.vp9Encode, 'default', rational(200n))
  ceilings.set(CAPABILITY.mp4, 'default', rational(50n))
  ceilings.set(CAPABILITY.textToImage, 'a', rational(7n))
  ceilings.set(CAPABILITY.textToImage, 'default', rational(5n))
  const { h264, hevcEncode, vp9Encode, mp4, textToImage, llm } = CAPABILITY

  it.each([
    ['needs nothing with a ceiling of its own: that for anything', job(h264), 100n],
    ['needs one: its own', job(h264, hevcEncode), 300n],
    ['needs one that is cheaper than anything else', job(h264, mp4), 50n],
    ['needs several: the highest', job(h264, hevcEncode, vp9Encode, mp4), 300n],
    ['names a model: its own', models(textToImage, 'a'), 7n],
    ['names another model: that of all models', models(textToImage, 'b'), 5n],
    ['names several: their sum, as go-livepeer reckons', models(textToImage, 'a', 'b'), 12n],
    ['names a model without any: that for anything', models(llm, 'a'), 100n],
    ['is not known', undefined, 100n],
  ] as const)('that %s', (_, job, wei) => {
    expect(ceilings.most(job)).toEqual(rational(wei))
  })

  it('is any price where none is set', () => {
    expect(new PriceCeilings().most(job(hevcEncode))).toBeUndefined()
  })

  it('of a real ladder is found by the name of its encoder', () => {
    const profile = { name: 'a', width: 2, height: 2, bitrateBps: 1, fps: 0, format: 'mpegts', gopMs: 0 } as const
    const ladder = (codec: 'h264' | 'h265') => jobCapabilities({ profiles: [{ ...profile, codec }], storage: 'direct' })
    expect(capabilityOfPipeline('hevc-encode')).toBe(hevcEncode)
    expect(ceilings.most(ladder('h265'))).toEqual(rational(300n))
    expect(ceilings.most(ladder('h264'))).toEqual(rational(100n))
  })
})

it.each([
  ['text-to-image', CAPABILITY.textToImage],
  ['Live video to video', CAPABILITY.liveVideoToVideo],
  ['h.264', CAPABILITY.h264],
  ['h264-decode-yuv444-8-bit', CAPABILITY.h264DecodeYuv444Bits8],
  ['', undefined],
  ['dancing', undefined],
])('the pipeline %j is capability %s', (name, capability) => {
  expect(capabilityOfPipeline(name)).toBe(capability)
})

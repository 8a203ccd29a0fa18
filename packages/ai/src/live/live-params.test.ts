import { expect, it } from 'vitest'
import { effectsCard, passthroughCard } from './effects/effects-cards.ts'
import { liveParams, liveParamsSchema } from './live-params.ts'

it('has defaults, and takes changes one by one', () => {
  const first = liveParams(effectsCard, { effect: 'tint' })
  expect(first).toMatchObject({ width: 512, height: 512, effect: 'tint', amount: 1 })
  expect(liveParams(effectsCard, { amount: 0.5 }, first)).toEqual({ ...first, amount: 0.5 })
  expect(liveParams(passthroughCard, { width: 512, height: 288, show_reloading_frame: false })).toEqual({
    width: 512,
    height: 288,
  })
})

it('refuses what is unknown, half a size and what is no object, and says which', () => {
  const refused = (params: unknown) => () => liveParams(effectsCard, params)
  expect(refused({ prompt: 'a cat' })).toThrow(/prompt/)
  expect(refused({ width: 640 })).toThrow(/together/)
  expect(refused({ width: 4_096, height: 4_096 })).toThrow(/width/)
  expect(refused({ colour: 'red' })).toThrow(/colour/)
  expect(refused([])).toThrow(/object/)
})

it('is described as a JSON schema', () => {
  expect(liveParamsSchema(effectsCard)).toMatchObject({
    type: 'object',
    additionalProperties: false,
    properties: { effect: { enum: expect.arrayContaining(['edges']) }, width: { default: 512 } },
  })
})

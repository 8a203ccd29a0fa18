import { pipelineOf } from '@millrace/ai'
import { rational } from '@millrace/base'
import type { OrchestratorInfo } from '@millrace/wire'
import { expect, it } from 'vitest'
import { AiMarket, type AiOffer } from './ai-market.ts'

const offer = (modelId: string, more: { warm?: boolean; wei?: bigint } = {}): AiOffer => ({
  entry: { serviceUri: 'https://o.example:8935', address: undefined, stakeLpt: 0n },
  info: {} as OrchestratorInfo,
  modelId,
  model: { warm: more.warm ?? false, capacity: 1, runnerVersion: '', capacityInUse: 0 },
  price: rational(more.wei ?? 1n),
})

const OCR = offer('millrace/ocr')
const OBJECTS = offer('millrace/coco-objects', { warm: true })
const BLIP = offer('Salesforce/blip-image-captioning-large')

it.each([
  ['the one of the network, where anybody has it', {}, [OBJECTS, OCR, BLIP], BLIP.modelId],
  ['the embedded one for what is asked', { prompt: 'read the sign' }, [OBJECTS, OCR], OCR.modelId],
  ['the first embedded one otherwise', { prompt: '' }, [OCR, OBJECTS], OBJECTS.modelId],
  ['a warm one of others', {}, [offer('cold'), offer('warm', { warm: true })], 'warm'],
  ['a cheap one among warm ones', {}, [offer('dear', { wei: 3n }), offer('cheap', { wei: 2n })], 'cheap'],
  ['none where there is none', {}, [], undefined],
] as const)('a request that names no model gets %s', (_, request, offers, model) => {
  expect(AiMarket.defaultModel(pipelineOf('image-to-text')!, request, offers)).toBe(model)
})

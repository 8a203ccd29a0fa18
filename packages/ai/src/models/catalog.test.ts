import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { pipelineOf } from '../pipelines/registry.ts'
import { CATALOG, catalogEntry } from './catalog.ts'
import { embeddedModelFor } from './choose-model.ts'

describe('catalogue of embedded models', () => {
  it.each(CATALOG.map(({ card, module }) => [card.id, card, module] as const))(
    '%s is told honestly and whole',
    (id, card, module) => {
      expect(id).toMatch(/^millrace\/[a-z0-9-]+$/)
      expect(catalogEntry(id)?.card).toBe(card)
      expect(pipelineOf(card.pipeline)).toBeDefined()
      expect(existsSync(module)).toBe(true)
      for (const { integrity, version } of card.packages) {
        expect(integrity).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/)
        expect(version).toMatch(/^\d+\.\d+\.\d+$/)
      }
      expect(card.downloadBytes > 0).toBe(card.packages.length > 0)
    },
  )

  it('names every model once', () => {
    expect(new Set(CATALOG.map(({ card }) => card.id)).size).toBe(CATALOG.length)
  })

  it('keeps the same files of a package that several models share', () => {
    const kept = new Map<string, string>()
    for (const { name, keep } of CATALOG.flatMap(({ card }) => card.packages)) {
      expect(kept.get(name) ?? String(keep)).toBe(String(keep))
      kept.set(name, String(keep))
    }
  })

  it('chooses the model that reads for a prompt that asks to read', () => {
    expect(embeddedModelFor('image-to-text', { prompt: '' })).toBe('millrace/coco-objects')
    expect(embeddedModelFor('image-to-text', { prompt: 'Read the sign, please' })).toBe('millrace/ocr')
    expect(embeddedModelFor('segment-anything-2', {})).toBe('millrace/random-walker')
    expect(embeddedModelFor('upscale', { prompt: 'text' })).toBe('millrace/rdn-psnr-x2')
    expect(embeddedModelFor('text-to-image', { prompt: 'text' })).toBe(undefined)
  })
})

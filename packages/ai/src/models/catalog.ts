import { builtFile } from '@millrace/base/node'
import type { ModelCard } from './embedded-model.ts'
import { fliteCard } from './flite/flite-card.ts'
import { lanczosCard } from './lanczos/lanczos-card.ts'
import { selfieCard } from './matting/matting-card.ts'
import { moderationCard } from './moderation/moderation-card.ts'
import { objectsCard } from './objects/objects-card.ts'
import { ocrCard } from './ocr/ocr-card.ts'
import { walkerCard } from './segment/segment-card.ts'
import { sphinxCard } from './sphinx/sphinx-card.ts'
import { rdnX2Card, slimX2Card, slimX4Card } from './upscale/upscale-cards.ts'

/** A model that can be loaded: its card, and the compiled module whose `models` has it, which child processes alone import. */
export type CatalogEntry = { readonly card: ModelCard; readonly module: URL }

/** Every embedded model. Listing them loads nothing heavy; a new one is a folder of its own and a line here. The first of a pipeline is its default. */
export const CATALOG: readonly CatalogEntry[] = [
  ...[rdnX2Card, slimX2Card, slimX4Card].map((card) => ({
    card,
    module: builtFile(import.meta.url, './upscale/upscale.js'),
  })),
  { card: objectsCard, module: builtFile(import.meta.url, './objects/objects.js') },
  { card: ocrCard, module: builtFile(import.meta.url, './ocr/ocr.js') },
  { card: moderationCard, module: builtFile(import.meta.url, './moderation/moderation.js') },
  { card: walkerCard, module: builtFile(import.meta.url, './segment/segment.js') },
  { card: selfieCard, module: builtFile(import.meta.url, './matting/matting.js') },
  { card: lanczosCard, module: builtFile(import.meta.url, './lanczos/lanczos.js') },
  { card: fliteCard, module: builtFile(import.meta.url, './flite/flite.js') },
  { card: sphinxCard, module: builtFile(import.meta.url, './sphinx/sphinx.js') },
]

/** The entry of a model such as `millrace/lanczos-x2`. */
export const catalogEntry = (modelId: string): CatalogEntry | undefined =>
  CATALOG.find(({ card }) => card.id === modelId)

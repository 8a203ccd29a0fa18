import { builtFile } from '@millrace/base/node'
import { effectsCard, passthroughCard } from './effects/effects-cards.ts'
import type { LiveCard } from './live-effect.ts'
import { mattingCard } from './matting/matting-card.ts'
import { liveObjectsCard } from './objects/objects-card.ts'

/** An effect that can be opened: its card, and the compiled module whose `effects` has it, which child processes alone import. */
export type LiveCatalogEntry = { readonly card: LiveCard; readonly module: URL }

/** Every embedded effect on live pictures. A new one is a folder of its own and a line here. */
export const LIVE_CATALOG: readonly LiveCatalogEntry[] = [
  { card: mattingCard, module: builtFile(import.meta.url, './matting/matting.js') },
  { card: liveObjectsCard, module: builtFile(import.meta.url, './objects/live-objects.js') },
  { card: passthroughCard, module: builtFile(import.meta.url, './effects/effects.js') },
  { card: effectsCard, module: builtFile(import.meta.url, './effects/effects.js') },
]

/** The entry of an effect such as `millrace/effects`. */
export const liveCatalogEntry = (modelId: string): LiveCatalogEntry | undefined =>
  LIVE_CATALOG.find(({ card }) => card.id === modelId)

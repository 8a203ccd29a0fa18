import { builtFile } from '@millrace/base/node'
import type { ModelCard } from './embedded-model.ts'
import { esrganX2Card, esrganX4Card } from './esrgan/esrgan-cards.ts'
import { fliteCard } from './flite/flite-card.ts'
import { lanczosCard } from './lanczos/lanczos-card.ts'
import { sphinxCard } from './sphinx/sphinx-card.ts'

/** A model that can be loaded: its card, and the compiled module whose `models` has it, which child processes alone import. */
export type CatalogEntry = { readonly card: ModelCard; readonly module: URL }

/** Every embedded model. Listing them loads nothing heavy; a new one is a folder of its own and a line here. */
export const CATALOG: readonly CatalogEntry[] = [
  { card: esrganX2Card, module: builtFile(import.meta.url, './esrgan/esrgan.js') },
  { card: esrganX4Card, module: builtFile(import.meta.url, './esrgan/esrgan.js') },
  { card: lanczosCard, module: builtFile(import.meta.url, './lanczos/lanczos.js') },
  { card: fliteCard, module: builtFile(import.meta.url, './flite/flite.js') },
  { card: sphinxCard, module: builtFile(import.meta.url, './sphinx/sphinx.js') },
]

/** The entry of a model such as `millrace/lanczos-x2`. */
export const catalogEntry = (modelId: string): CatalogEntry | undefined =>
  CATALOG.find(({ card }) => card.id === modelId)

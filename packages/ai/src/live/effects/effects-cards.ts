import { z } from 'zod'
import type { LiveCard } from '../live-effect.ts'

const common = {
  pipeline: 'live-video-to-video',
  licence: 'MIT, as Millrace',
  downloadBytes: 0,
  packages: [],
} as const

export const passthroughCard: LiveCard = {
  ...common,
  id: 'millrace/passthrough',
  title: 'Passthrough',
  about: 'Scales and crops the pictures and changes nothing else: for trying a stream out. Not AI.',
  score: 'Needs none: the pictures stay as they are',
  params: z.object({}),
}

export const effectsCard: LiveCard = {
  ...common,
  id: 'millrace/effects',
  title: 'Picture effects',
  about: 'Greyscale, edges, posterise or tint. Arithmetic on pixels, not AI.',
  score: 'Needs none: each effect is a formula',
  params: z.object({
    effect: z.enum(['none', 'greyscale', 'edges', 'posterise', 'tint']).default('greyscale').describe('Which effect.'),
    amount: z.number().min(0).max(1).default(1).describe('How much of it; the rest is the picture as it was.'),
    levels: z.number().int().min(2).max(16).default(4).describe('Steps of brightness of posterise.'),
    colour: z
      .string()
      .regex(/^#[0-9a-fA-F]{6}$/)
      .default('#ff8800')
      .describe('The colour of tint, as #rrggbb.'),
  }),
}

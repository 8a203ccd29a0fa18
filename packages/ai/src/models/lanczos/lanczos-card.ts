import type { ModelCard } from '../embedded-model.ts'

export const lanczosCard: ModelCard = {
  id: 'millrace/lanczos-x2',
  pipeline: 'upscale',
  title: 'Lanczos, twice as large',
  about:
    'The classic filter, by FFmpeg. It has learnt nothing; it is what learnt models are measured against. It does no safety check.',
  licence: 'LGPL-2.1 (FFmpeg)',
  downloadBytes: 0,
  score: 'the reference: 0 dB; 0.4 s',
  packages: [],
}

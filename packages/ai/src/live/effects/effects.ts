import type { LiveEffect } from '../live-effect.ts'
import { effectsCard, passthroughCard } from './effects-cards.ts'
import { applyEffect, type EffectParams } from './picture-effects.ts'

const passthrough: LiveEffect = {
  card: passthroughCard,
  open: async () => ({ picture: (picture) => picture, update: () => {}, close: async () => {} }),
}

const pictureEffects: LiveEffect = {
  card: effectsCard,
  async open() {
    let params = effectsCard.params.parse({}) as EffectParams
    return {
      picture: (picture) => applyEffect(picture, params),
      update(changed) {
        params = changed as EffectParams
      },
      async close() {},
    }
  },
}

export const effects: readonly LiveEffect[] = [passthrough, pictureEffects]

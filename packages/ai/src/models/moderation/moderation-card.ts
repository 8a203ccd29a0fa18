import type { ModelCard } from '../embedded-model.ts'
import { ONNX_RUNTIME, ONNX_RUNTIME_BYTES } from '../onnx/onnx-packages.ts'
import type { PackageSpec } from '../package-store.ts'

export const NSFW_NETWORK: PackageSpec = {
  name: 'nsfwjs',
  version: '4.3.0',
  integrity: 'sha512-WTKDte0vp1X97N1h34P79G/hG+sVT3+TnDz9di1WseIJR93v11E4viNX7Vg9WsO6HYoR772Nzq2iM8jo3XBZ+g==',
  keep: ['package.json', 'LICENSE', 'dist/models/package.json', 'dist/models/mobilenet_v2'],
}

/** Bytes of the package as it is fetched. */
export const NSFW_NETWORK_BYTES = 25_337_000

export const moderationCard: ModelCard = {
  id: 'millrace/nsfw-check',
  pipeline: 'image-to-text',
  title: 'Is this picture safe for work? (NSFWJS)',
  about:
    'Answers as JSON whether a picture shows nudity or pornography, with a chance for each of five kinds. It errs both ways; it is a help for a person who decides, and no proof.',
  licence: 'MIT (network and runtime)',
  downloadBytes: ONNX_RUNTIME_BYTES + NSFW_NETWORK_BYTES,
  score:
    'marks none of 19 harmless photographs, though it is unsure about people in summer clothes; what it misses was not measured; 0.03 s',
  packages: [...ONNX_RUNTIME, NSFW_NETWORK],
}

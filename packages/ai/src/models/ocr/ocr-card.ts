import type { ModelCard } from '../embedded-model.ts'
import type { PackageSpec } from '../package-store.ts'

export const TESSERACT: PackageSpec = {
  name: 'tesseract.js-core',
  version: '7.0.0',
  integrity: 'sha512-WnNH518NzmbSq9zgTPeoF8c+xmilS8rFIl1YKbk/ptuuc7p6cLNELNuPAzcmsYw450ca6bLa8j3t0VAtq435Vw==',
  keep: ['package.json', 'LICENSE', 'tesseract-core-simd-lstm.js', 'tesseract-core-simd-lstm.wasm'],
}

export const ENGLISH: PackageSpec = {
  name: '@tesseract.js-data/eng',
  version: '1.0.0',
  integrity: 'sha512-mbTumm6KQPUHyzTPQaF3ObXYnx0SqqfV2nabqFVQBwD6Kl7PhGSLSzOlfFTWy0P3BjghaSKA2W9GB19Jk+ZcTg==',
  keep: ['package.json', '4.0.0_best_int'],
}

export const ocrCard: ModelCard = {
  id: 'millrace/ocr',
  pipeline: 'image-to-text',
  title: 'Printed text (Tesseract, English)',
  about:
    'Reads printed English text, line by line. Handwriting, and text in photographs of streets, it reads badly or not at all.',
  licence: 'Apache-2.0 (Tesseract), MIT (package of the English data)',
  downloadBytes: 30_800_000,
  score: 'every character right on a clean printed page of four lines; 0.3 s',
  packages: [TESSERACT, ENGLISH],
}

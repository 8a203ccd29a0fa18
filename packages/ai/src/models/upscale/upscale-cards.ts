import type { ModelCard } from '../embedded-model.ts'
import { NSFW_NETWORK, NSFW_NETWORK_BYTES } from '../moderation/moderation-card.ts'
import { ONNX_RUNTIME, ONNX_RUNTIME_BYTES } from '../onnx/onnx-packages.ts'
import type { PackageSpec } from '../package-store.ts'

/** The largest picture on a busy machine. */
const TIME_LIMIT_MS = 300_000

export const RDN: PackageSpec = {
  name: '@upscalerjs/esrgan-legacy',
  version: '1.0.0',
  integrity: 'sha512-05gqt3U2BH/d2jq8Oy13QPk8JPZrK6ylhaqGiIThHiOtkld+0xDTXl6FavhObPwODq0hal6m/AlEaHKv35pD8Q==',
  keep: ['package.json', 'models/psnr-small'],
}

export const ESRGAN_SLIM: PackageSpec = {
  name: '@upscalerjs/esrgan-slim',
  version: '1.0.0',
  integrity: 'sha512-DXtwn5SE71+pZKluN/hGeLaZv6ZylyFQYSvMqU08kKCEA5Y9Q1cIIk4EvPTPZw8VqGi2C6F02c8OjhtId4BK2w==',
}

export const rdnX2Card: ModelCard = {
  id: 'millrace/rdn-psnr-x2',
  pipeline: 'upscale',
  title: 'RDN, twice as large and close to the truth',
  about:
    'A residual dense network (ISR "psnr-small") that makes pictures twice as wide and as high. It was trained to come close to the truth, not to look crisp; it does not read the prompt.',
  licence: 'MIT (package and runtime); Apache-2.0 (weights, by idealo)',
  downloadBytes: ONNX_RUNTIME_BYTES + NSFW_NETWORK_BYTES + 14_005_000,
  score: 'PSNR 0.3 to 2.1 dB above Lanczos on nine photographs of the public domain, 1.2 dB on average; 18 s',
  timeLimitMs: TIME_LIMIT_MS,
  packages: [...ONNX_RUNTIME, NSFW_NETWORK, RDN],
}

const slimCard = (scale: number, below: string, seconds: number): ModelCard => ({
  id: `millrace/esrgan-slim-x${scale}`,
  pipeline: 'upscale',
  title: `ESRGAN slim, ${scale} times as large and quick`,
  about: `A small network that makes pictures ${scale} times as wide and as high and looks sharper than a filter. It does not read the prompt.`,
  licence: 'MIT (weights and runtime)',
  downloadBytes: ONNX_RUNTIME_BYTES + NSFW_NETWORK_BYTES + 3_400_000,
  score: `sharper to the eye; PSNR as Lanczos or up to ${below} dB below on twelve photographs; equal to the sample pictures of its authors; ${seconds} s`,
  timeLimitMs: TIME_LIMIT_MS,
  packages: [...ONNX_RUNTIME, NSFW_NETWORK, ESRGAN_SLIM],
})

export const slimX2Card = slimCard(2, '1.4', 2)
export const slimX4Card = slimCard(4, '0.6', 4)

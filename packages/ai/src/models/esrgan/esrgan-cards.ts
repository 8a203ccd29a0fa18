import type { ModelCard } from '../embedded-model.ts'
import { ONNX_RUNTIME, ONNX_RUNTIME_BYTES } from '../onnx/onnx-packages.ts'
import type { PackageSpec } from '../package-store.ts'

export const ESRGAN_SLIM: PackageSpec = {
  name: '@upscalerjs/esrgan-slim',
  version: '1.0.0',
  integrity: 'sha512-DXtwn5SE71+pZKluN/hGeLaZv6ZylyFQYSvMqU08kKCEA5Y9Q1cIIk4EvPTPZw8VqGi2C6F02c8OjhtId4BK2w==',
}

const card = (scale: number, score: string): ModelCard => ({
  id: `millrace/esrgan-slim-x${scale}`,
  pipeline: 'upscale',
  title: `ESRGAN slim, ${scale} times as large`,
  about: `A small network that makes pictures ${scale} times as wide and as high. It sharpens; it invents nothing, and does not read the prompt.`,
  licence: 'MIT (weights and runtime)',
  downloadBytes: ONNX_RUNTIME_BYTES + 3_400_000,
  score,
  packages: [...ONNX_RUNTIME, ESRGAN_SLIM],
})

export const esrganX2Card = card(2, 'not measured')
export const esrganX4Card = card(4, 'not measured')

import { z } from 'zod'

// Fields that several pipelines have, with the limits of this implementation: a stranger's request must not ask for more than a machine has.

export const MAX_TEXT = 10_000
const MAX_SIDE = 2_048
const MAX_STEPS = 200

export const IMAGE_BYTES = 20_000_000
export const AUDIO_BYTES = 50_000_000

export const model = () => z.string().max(256).default('').describe('The model; empty takes the default.')
export const text = (about: string) => z.string().min(1).max(MAX_TEXT).describe(about)
export const optionalText = (about: string, fallback = '') => z.string().max(MAX_TEXT).default(fallback).describe(about)
export const side = (about: string, fallback: number) =>
  z.number().int().min(64).max(MAX_SIDE).default(fallback).describe(about)
export const steps = (fallback: number) =>
  z.number().int().min(1).max(MAX_STEPS).default(fallback).describe('Steps of denoising: more is better and slower.')
export const scale = (about: string, fallback: number) => z.number().min(0).max(100).default(fallback).describe(about)
export const flag = (about: string, fallback: boolean) => z.boolean().default(fallback).describe(about)
export const seed = () =>
  z.number().int().min(0).max(0xffffffff).optional().describe('The same seed gives the same result.')
export const images = () => z.number().int().min(1).max(10).default(1).describe('How many pictures to make.')
export const safetyCheck = () => flag('Whether unsafe results are looked for and marked.', true)

const media = z.object({
  url: z.string().describe('Where the file is.'),
  seed: z.number().int().describe('The seed it was made with.'),
  nsfw: z.boolean().describe('Whether the safety check found it unsafe.'),
})

export const imageResponse = z.object({ images: z.array(media) })

export const loras = () => optionalText('Low-rank adapters and their strengths, as JSON: {"name": 0.8}.')
export const negativePrompt = () => optionalText('What the result must not show.')
export const guidanceScale = () => scale('How closely the result follows the prompt.', 7.5)

/** Pixels of the input, `count` times. */
export const inputPixels = (facts: { readonly image?: { readonly width: number; readonly height: number } }): bigint =>
  BigInt(facts.image?.width ?? 0) * BigInt(facts.image?.height ?? 0)
